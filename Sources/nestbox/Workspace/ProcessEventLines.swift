internal import RunModel
internal import StrictJSON

/// Shows what a process writes, from the server-sent events of a service.
struct ProcessEventLines {
    /// How a process ended.
    enum End {
        case exited(Int64)
        /// By a signal, which has a name.
        case signaled(String)
        case timedOut
        case failed(String)

        /// The exit status of a command that stands for it.
        var status: Int32 {
            switch self {
            case .exited(let code): Int32(truncatingIfNeeded: code & 255)
            case .signaled(let name): 128 + (Self.numbers[name] ?? 0)
            case .timedOut: 124
            case .failed: ExitTable.failed
            }
        }

        private static let numbers: [String: Int32] = [
            "HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "ABRT": 6, "FPE": 8, "KILL": 9, "SEGV": 11, "PIPE": 13, "ALRM": 14,
            "TERM": 15, "SYS": 31,
        ]
    }

    private(set) var end: End?
    private var line: [UInt8] = []
    /// A line that is longer is none of a service.
    private static let maximumLine = 8 << 20

    /// A piece of the stream, which may end anywhere.
    mutating func show(_ bytes: [UInt8]) {
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                if line.count < Self.maximumLine { line.append(byte) }
                continue
            }
            // The name of an event is in its data, too.
            let prefix = Array("data: ".utf8)
            if line.starts(with: prefix),
                let event = try? ObjectReader.object(
                    Array(line.dropFirst(prefix.count)), limits: JSONLimits(bytes: Self.maximumLine))
            {
                show(event)
            }
            line.removeAll(keepingCapacity: true)
        }
    }

    /// One event.
    mutating func show(_ event: JSONObject) {
        switch event.text("type") {
        case "stdout"?, "stderr"?:
            let encoding = event.text("encoding").flatMap { OutputText.Encoding(rawValue: $0) } ?? .utf8
            guard let text = OutputText(data: event.text("data") ?? "", encoding: encoding) else { return }
            Console.write(text.bytes, to: event.text("type") == "stderr" ? Console.errors : Console.output)
        case "lagged"?: Console.complain("what was written before this is no longer kept")
        case "exit"?:
            if case .bool(true)? = event["timed_out"] {
                end = .timedOut
            } else if let reason = event.text("failure") {
                end = .failed(reason)
            } else if let code = event.whole("exit_code") {
                end = .exited(code)
            } else {
                end = .signaled(event.text("signal") ?? "")
            }
        default: break
        }
    }
}
