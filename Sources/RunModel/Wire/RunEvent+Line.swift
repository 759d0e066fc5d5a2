internal import StrictJSON

extension RunEvent {
    /// The event as one line of JSON, the same bytes as `JSONText` makes.
    ///
    /// Output is most of what is ever sent, so its lines are put together by hand.
    ///
    /// - Parameter ref: what the submitter calls the run; goes into `accepted`.
    package func line(ref: String? = nil) -> [UInt8] {
        switch kind {
        case .output: return outputLine?.bytes ?? encoded
        case .accepted:
            guard let ref else { break }
            // `ref` sorts between `position` and `run_id`.
            var line = encoded
            guard let place = line.firstRange(of: Array("\"run_id\"".utf8)) else { break }
            var member = Array("\"ref\":".utf8)
            JSONWriter.append(Array(ref.utf8), to: &member)
            line.insert(contentsOf: member + [UInt8(ascii: ",")], at: place.lowerBound)
            return line
        default: break
        }
        return encoded
    }

    /// Encoding values of known types into memory cannot fail.
    private var encoded: [UInt8] { (try? JSONText.encode(self)) ?? [] }

    /// The line of an output event, to be written where it is needed; nil for other events, whose lines are small.
    package var outputLine: OutputLine? {
        guard case .output(let stream, let text) = kind else { return nil }
        let isText = text.isText
        return OutputLine(
            head: Array("{\"at\":\(Self.number((Double(at) / 1000).rounded() / 1_000_000)),\"data\":".utf8),
            text: text, isText: isText,
            tail: Array(
                (",\"encoding\":\"\(isText ? "utf8" : "base64")\",\"run_id\":\"\(runID)\",\"seq\":\(sequence),"
                    + "\"stream\":\"\(stream.rawValue)\",\"type\":\"output\"}").utf8))
    }

    /// As JSON encoders write it: whole numbers without a point.
    private static func number(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return String(whole) }
        return value.description
    }
}
