/// Says when another zygote is to be started because no network namespace was free for a sandbox. Pure: time comes in.
struct LenderDemand<Kind: Hashable> {
    /// How long after a miss: not in the way of the sandbox that missed, and not at all in a warden that lives for one run.
    static var pause: Int64 { 100_000_000 }
    /// How long after one could not be started.
    static var retreat: Int64 { 10_000_000_000 }

    private var misses: [Kind: Int] = [:]
    private(set) var deadline: Int64?
    private var notBefore = Int64.min

    mutating func miss(_ kind: Kind, at now: Int64) {
        misses[kind, default: 0] += 1
        if deadline == nil { deadline = max(now + Self.pause, notBefore) }
    }

    /// The kind that missed most, when it is time to start one; then counting starts again, since one more may be enough.
    mutating func take(at now: Int64) -> Kind? {
        guard let deadline, deadline <= now else { return nil }
        self.deadline = nil
        defer { misses = [:] }
        return misses.max { $0.value < $1.value }?.key
    }

    mutating func failed(at now: Int64) { notBefore = now + Self.retreat }
}
