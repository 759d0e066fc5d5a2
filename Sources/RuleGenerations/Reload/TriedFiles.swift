/// Which files were tried last, so that files that are wrong are not tried again and again. A value; files go by their digest.
struct TriedFiles: Sendable, Equatable {
    /// A trial may fail because there is no warden just then: how often the same files are tried again by themselves.
    static let trialRetries = 3

    private var digest: String?
    /// Trials of just these files that failed.
    private var trials = 0

    /// They were taken over, or found unchanged.
    mutating func succeeded(_ digest: String) { (self.digest, trials) = (digest, 0) }

    /// They are wrong, whoever tries them.
    mutating func refused(_ digest: String) { (self.digest, trials) = (digest, 0) }

    /// No sandbox could be built under them.
    mutating func trialFailed(_ digest: String) {
        trials = self.digest == digest ? trials + 1 : 1
        self.digest = digest
    }

    /// They never rested: nothing is known about them.
    mutating func unsettled() { (digest, trials) = (nil, 0) }

    /// Whether an attempt that nobody asked for may come to something else than the last one.
    func isWorthATry(_ digest: String) -> Bool {
        self.digest != digest || (1...Self.trialRetries).contains(trials)
    }
}
