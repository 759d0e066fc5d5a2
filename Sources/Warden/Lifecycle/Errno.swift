internal import Glibc

/// The error numbers that the lifecycles report, by their meaning.
enum Errno {
    static let busy = EBUSY
    static let timedOut = ETIMEDOUT
    static let cancelled = ECANCELED
    static let noChild = ECHILD
    static let notPermitted = EPERM
    static let outOfRange = ERANGE
    static let fileTooLarge = EFBIG
    static let listTooLong = E2BIG

    /// Whether a number says that the process at the other end has gone.
    static func isGone(_ errno: Int32) -> Bool { errno == EPIPE || errno == ECONNRESET }
}
