/// The network namespace of a plain zygote, which it lends to one sandbox after the other. Pure: time comes in.
///
/// It is the zygote that lends, and only when it finds nothing of the last borrower left. This value saves it from being
/// asked while that cannot be so, and gives a namespace up that does not get empty.
struct NetworkLending {
    /// How long a namespace without a borrower may still hold something, such as sockets that the kernel frees late.
    static let gracePeriod: Int64 = 2_000_000_000

    private var isLent = false
    /// When the zygote refused for the first time since it last lent.
    private var refusedSince: Int64?
    private(set) var isGivenUp = false

    var isFree: Bool { !isLent && !isGivenUp }

    /// A sandbox is asked for that may have it.
    mutating func take() { isLent = true }

    /// The zygote has lent it.
    mutating func lent() { refusedSince = nil }

    /// The zygote has found something in it; the sandbox has one of its own.
    mutating func refused(at now: Int64) {
        isLent = false
        let since = refusedSince ?? now
        refusedSince = since
        if now - since >= Self.gracePeriod { isGivenUp = true }
    }

    /// Nothing is left of the sandbox, as far as the warden can tell.
    mutating func giveBack() { isLent = false }
}
