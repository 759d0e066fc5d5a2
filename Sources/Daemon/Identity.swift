internal import Foundation
internal import Glibc
internal import LinuxSystem
internal import Logging
package import RunModel

/// The user of this process, and how it becomes a user without rights.
package enum Identity {
    package static var isRoot: Bool { geteuid() == 0 }

    /// Makes a directory of the service's own, before the service has become its user. A failure is logged: the service can work without
    /// what it would keep there, and says so.
    static func give(_ directory: String, to user: String, _ logger: Logger, mode: Int = 0o755) {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
            guard let entry = getpwnam(user) else { return }
            try Files.changeOwner(directory, user: entry.pointee.pw_uid)
        } catch {
            logger.error(
                "a directory of the service cannot be made", metadata: ["path": "\(directory)", "reason": "\(error)"])
        }
    }

    /// Gives up root for good: no groups but the user's own, no capabilities, and no way back.
    ///
    /// To be called before any thread is started that could keep rights; glibc changes all threads there are.
    package static func become(_ user: String) throws(APIError) {
        guard let entry = getpwnam(user) else {
            throw APIError(
                .permissionDenied,
                "user \(user) does not exist: make it with 'adduser --system --group --no-create-home \(user)', or name "
                    + "another one with --user")
        }
        let (uid, gid) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
        guard uid != 0, gid != 0 else {
            throw APIError(.permissionDenied, "user \(user) is root; nestboxd must run as a user without rights")
        }
        // Called by root, these set the real, the effective and the saved id: setuid(2).
        guard setgroups(0, nil) == 0, setgid(gid) == 0, setuid(uid) == 0 else {
            throw APIError(.permissionDenied, "cannot become \(user): \(String(cString: strerror(errno)))")
        }
        guard setuid(0) != 0, geteuid() == uid, getegid() == gid else {
            throw APIError(.permissionDenied, "still root after becoming \(user)")
        }
        try harden()
    }

    /// What a process without rights still does: it gets none, and nobody looks into its memory.
    static func harden() throws(APIError) {
        do throws(SystemCallError) {
            try forbidNewPrivileges()
            // A core dump of this process could contain the submissions of clients.
            try hideProcess()
        } catch {
            throw APIError(.permissionDenied, error.description)
        }
    }
}
