internal import Foundation

/// Executable text files for tests.
enum ScriptFile {
    struct Failure: Error {
        let status: Int32
    }

    /// Writes one by a process of its own. A file that this process has open for writing is inherited, for a moment, by
    /// what other tests start, and cannot be executed as long (ETXTBSY).
    static func write(_ text: String, to file: URL) throws {
        let writer = Process()
        writer.executableURL = URL(fileURLWithPath: "/bin/sh")
        writer.arguments = ["-c", #"printf %s "$1" >"$2" && chmod 755 "$2""#, "sh", text, file.path]
        try writer.run()
        writer.waitUntilExit()
        guard writer.terminationStatus == 0 else { throw Failure(status: writer.terminationStatus) }
    }
}
