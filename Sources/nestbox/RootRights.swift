internal import Glibc
internal import RunModel

/// What only root can do is refused to others immediately, and in words that help.
enum RootRights {
    /// - Throws: `CommandFailure` unless this is root.
    static func check(to purpose: String) throws(CommandFailure) {
        guard geteuid() != 0 else { return }
        throw CommandFailure(
            APIError(
                .permissionDenied, "only root can \(purpose), this is uid \(geteuid()); use sudo",
                details: ["uid": String(geteuid())]))
    }
}
