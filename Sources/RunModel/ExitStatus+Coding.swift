internal import SandboxSpec

extension Verdict: Codable {}

extension KeyedEncodingContainer {
    /// Both keys are always there; the one that does not hold is null.
    mutating func encodeStatus(_ status: ExitStatus?, code: Key, signal: Key) throws {
        var exitCode: UInt8?
        var number: UInt8?
        switch status {
        case .exited(let value): exitCode = value
        case .signaled(let value): number = value
        case nil: break
        }
        try encode(exitCode, forKey: code)
        try encode(number, forKey: signal)
    }
}

extension KeyedDecodingContainer {
    func decodeStatus(code: Key, signal: Key) throws -> ExitStatus? {
        if let value = try decodeIfPresent(UInt8.self, forKey: code) { return .exited(value) }
        return try decodeIfPresent(UInt8.self, forKey: signal).map { .signaled($0) }
    }
}
