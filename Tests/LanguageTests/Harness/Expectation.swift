internal import RunModel
internal import SandboxSpec

/// How a run has to end that prints the same always.
struct Expectation: Sendable {
    var stdout: [UInt8]
    var status: UInt8 = 0

    /// What is wrong with a result, in one line; nil when nothing is.
    func complaint(about result: RunResult) -> String? {
        var complaints: [String] = []
        if let error = result.error { complaints.append("failed: \(error.message)") }
        if result.outcome.status != .exited(status) || result.outcome.verdict != (status == 0 ? .ok : .nonzeroExit) {
            complaints.append("ended with \(result.outcome.summary), expected status \(status)")
        }
        if let difference = Self.difference(found: result.stdout.bytes, expected: stdout) {
            complaints.append("stdout \(difference)")
        }
        if !result.stderr.bytes.isEmpty { complaints.append("stderr \(Self.quote(result.stderr.bytes))") }
        return complaints.isEmpty ? nil : complaints.joined(separator: "; ")
    }

    /// The first line that differs.
    static func difference(found: [UInt8], expected: [UInt8]) -> String? {
        if found == expected { return nil }
        let newline = UInt8(ascii: "\n")
        let foundLines = found.split(separator: newline, omittingEmptySubsequences: false)
        let expectedLines = expected.split(separator: newline, omittingEmptySubsequences: false)
        // Neither is a beginning of the other's lines, or one has lines the other lacks.
        let same = zip(foundLines, expectedLines).prefix { $0 == $1 }.count
        func line(_ lines: [ArraySlice<UInt8>]) -> String {
            same < lines.count ? quote(Array(lines[same])) : "the end"
        }
        return "differs in line \(same + 1): found \(line(foundLines)), expected \(line(expectedLines))"
    }

    static func quote(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.prefix(400), as: UTF8.self)
        let shown = text.unicodeScalars.map { $0.escaped(asASCII: false) }.joined()
        return "\"\(shown)\"" + (bytes.count > 400 ? "…" : "")
    }
}

extension RunOutcome {
    /// The verdict, and what else says how it ended.
    var summary: String {
        switch status {
        case .exited(let code): "\(verdict.rawValue) (\(code))"
        case .signaled(let number): "\(verdict.rawValue) (signal \(number))"
        case nil: verdict.rawValue
        }
    }
}
