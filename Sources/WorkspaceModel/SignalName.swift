/// Signals by the names that clients may use, with or without `SIG`.
package enum SignalName {
    private static let numbers: [(name: String, number: UInt8)] = [
        ("HUP", 1), ("INT", 2), ("QUIT", 3), ("ABRT", 6), ("KILL", 9), ("USR1", 10), ("USR2", 12), ("PIPE", 13),
        ("ALRM", 14), ("TERM", 15), ("CHLD", 17), ("CONT", 18), ("STOP", 19), ("TSTP", 20), ("WINCH", 28),
    ]

    /// What a client may write.
    package static let allowed = "one of \(numbers.map(\.name).joined(separator: ", ")), or a number from 1 to 64"

    /// - Returns: nil for no signal.
    package static func number(named text: String) -> UInt8? {
        let name = text.hasPrefix("SIG") ? String(text.dropFirst(3)) : text
        return numbers.first { $0.name == name }?.number
    }

    /// As reports have it: `TERM`, or the number.
    package static func name(of number: UInt8) -> String {
        numbers.first { $0.number == number }?.name ?? String(number)
    }
}
