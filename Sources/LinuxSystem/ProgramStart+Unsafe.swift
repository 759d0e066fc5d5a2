internal import CLinux
internal import Glibc

/// Starts executables of our own, with nothing of this process but what is named.
package enum ProgramStart {
    /// Starts `executable` in a process group of its own, so that a Ctrl-C meant for its parent does not reach it, with
    /// no signal blocked or ignored and no descriptor but those named here.
    ///
    /// - Parameters:
    ///   - executable: a path; PATH is not searched.
    ///   - arguments: what follows the name of the program.
    ///   - socket: becomes descriptor 3; -1 for none.
    ///   - standardError: becomes descriptor 2; -1 to inherit this process's.
    /// - Returns: the pid of the child, which the caller has to reap.
    package static func run(
        _ executable: String, _ arguments: [String], socket: Int32, standardError: Int32
    ) throws(SystemCallError) -> Int32 {
        // SAFETY: copies of strings, freed below; the list ends with nil, as execve(2) wants it.
        var words = unsafe [UnsafeMutablePointer<CChar>?]()
        defer { for index in unsafe words.indices { unsafe free(words[index]) } }
        for word in [executable] + arguments {
            let copy = unsafe strdup(word)
            unsafe words.append(copy)
        }
        unsafe words.append(nil)
        // SAFETY: the shim only reads both, and keeps neither.
        return try check(
            unsafe nestbox_start_program(executable, words, socket, standardError), "posix_spawn", executable)
    }
}
