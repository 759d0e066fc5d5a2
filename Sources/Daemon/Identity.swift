internal import Glibc
internal import LinuxSystem
package import RunModel

/// The user of this process, and how it becomes a user without rights.
package enum Identity {
    package static var isRoot: Bool { geteuid() == 0 }

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
        do throws(SystemCallError) {
            try forbidNewPrivileges()
            // A core dump of this process could contain the submissions of clients.
            try hideProcess()
        } catch {
            throw APIError(.permissionDenied, error.description)
        }
    }
}
