internal import Glibc

extension Files {
    /// Gives a file to a user; its group stays. A symbolic link is not followed.
    package static func changeOwner(
        _ path: String, at directory: Int32 = workingDirectory, user: UInt32
    ) throws(SystemCallError) {
        // SAFETY: the bridged string is NUL-terminated and outlives the call.
        guard unsafe fchownat(directory, path, user, UInt32.max, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw SystemCallError("fchownat", errno: lastErrno, object: path)
        }
    }

    /// Why this process may not write to a path: EROFS, EACCES, ENOENT; nil when it may.
    package static func writeObstacle(_ path: String) -> Int32? {
        // SAFETY: the bridged string is NUL-terminated and outlives the call.
        unsafe faccessat(workingDirectory, path, W_OK, AT_EACCESS) == 0 ? nil : lastErrno
    }
}

extension OwnedDescriptor {
    /// Takes the advisory lock (flock(2)) of an open file or directory, without waiting.
    ///
    /// The lock goes with the last descriptor of this open file, so also with the death of its holder.
    /// - Returns: false when another open file holds it.
    package borrowing func tryLock() throws(SystemCallError) -> Bool {
        while flock(number, LOCK_EX | LOCK_NB) != 0 {
            if lastErrno == EWOULDBLOCK { return false }
            guard lastErrno == EINTR else { throw SystemCallError("flock", errno: lastErrno) }
        }
        return true
    }
}
