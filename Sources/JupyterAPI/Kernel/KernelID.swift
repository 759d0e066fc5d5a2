internal import SessionModel

/// The id of a kernel: that of its first session, written as a UUID, as Jupyter's clients expect.
package struct KernelID: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    init(_ session: SessionID) {
        let digits = Array(session.description.utf8)
        let ends = [8, 12, 16, 20, 32]
        var parts: [String] = []
        var start = 0
        for end in ends {
            parts.append(String(decoding: digits[start..<end], as: UTF8.self))
            start = end
        }
        description = parts.joined(separator: "-")
    }

    /// - Returns: nil for text that is no such id: 32 lower-case hexadecimal digits in groups of 8, 4, 4, 4 and 12.
    init?(_ text: String) {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12], let session = SessionID(groups.joined()) else { return nil }
        self.init(session)
    }

    /// The session that is meant by it.
    var session: SessionID? { SessionID(description.filter { $0 != "-" }) }
}
