extension RunEvent {
    /// The event as one line of JSON, the same bytes as `JSONText` makes.
    ///
    /// - Parameter ref: what the submitter calls the run; goes into `accepted`.
    package func line(ref: String? = nil) -> [UInt8] {
        if let outputLine { return outputLine.bytes }
        var output = JSONBytes(size: jsonSize)
        write(to: &output, ref: ref)
        // Encoding values of known types into memory cannot fail.
        return output.isValid ? output.bytes : (try? JSONText.encode(self)) ?? []
    }

    /// The line of an output event, to be written where it is needed; nil for other events, whose lines are small.
    package var outputLine: OutputLine? {
        guard case .output(let stream, let text) = kind else { return nil }
        let isText = text.isText
        return OutputLine(
            head: Array("{\"at\":\(JSONBytes.text(of: seconds)),\"data\":".utf8),
            text: text, isText: isText,
            tail: Array(
                (",\"encoding\":\"\(isText ? "utf8" : "base64")\",\"run_id\":\"\(runID)\",\"seq\":\(sequence),"
                    + "\"stream\":\"\(stream.rawValue)\",\"type\":\"output\"}").utf8))
    }
}
