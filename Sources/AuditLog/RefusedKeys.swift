/// Keys that were refused, until they are recorded. A value: refusals and times go in, entries come out.
///
/// Whoever guesses keys can do so often: a minute has at most `maximumEntries` entries, and one more with the number of the rest.
package struct RefusedKeys: Sendable {
    package static let maximumEntries = 20
    private static let minute: Int64 = 60_000_000_000

    private var entries: [AuditEntry] = []
    private var since: Int64?
    private var count = 0

    package init() {}

    /// A key was refused.
    ///
    /// - Parameters:
    ///   - id: the id of the key, where the text has the form of one. It may belong to nobody.
    ///   - now: nanoseconds of a monotonic clock.
    package mutating func add(id: String?, address: String, now: Int64) {
        since = since ?? now
        count += 1
        guard count <= Self.maximumEntries else { return }
        entries.append(
            AuditEntry(
                "key.refused", actor: id.map { "key:\($0)" } ?? "unknown", address: address,
                outcome: .refused("unknown, expired or revoked, or no key at all")))
    }

    /// What is to be recorded now; to be called about once a second.
    package mutating func take(now: Int64) -> [AuditEntry] {
        defer { entries = [] }
        guard let since, now - since >= Self.minute else { return entries }
        self.since = nil
        let rest = count - Self.maximumEntries
        count = 0
        guard rest > 0 else { return entries }
        return entries + [
            AuditEntry(
                "key.refused", actor: "unknown", outcome: .refused("in one minute, besides those above"),
                details: ["count": "\(rest)"])
        ]
    }
}
