internal import Glibc

/// One thing Nestbox needs of a machine: what is there, what follows, how to fix it.
struct Finding: Encodable {
    enum Status: String, Encodable {
        case ok
        /// Runs are possible without it, with something less.
        case degraded
        /// No run is possible.
        case missing
    }

    let name: String
    var status: Status
    let found: String
    /// What follows when it is not there; absent when all is well.
    var consequence: String?
    var remedy: String?

    /// Whether it is missing for no other reason than that this user is not root, which is said once.
    var followsFromRoot: Bool {
        status == .missing && geteuid() != 0
            && (name == "capabilities" || found.contains("is not writable: EACCES")
                || found.contains("is not writable: EPERM"))
    }

    /// - Parameters:
    ///   - isThere: whether it is as it should be.
    ///   - otherwise: what its absence amounts to.
    init(
        _ name: String, _ isThere: Bool, found: String, otherwise: Status = .missing, consequence: String,
        remedy: String
    ) {
        self.name = name
        self.found = found
        status = isThere ? .ok : otherwise
        if !isThere {
            self.consequence = consequence
            self.remedy = remedy
        }
    }
}
