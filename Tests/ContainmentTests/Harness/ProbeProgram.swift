internal import Foundation
internal import LinuxSystem

/// The probe binary, built once per test run into a temporary directory that goes when the run ends.
struct ProbeProgram: Sendable {
    /// A directory for everything the suite writes on the host; everybody may pass through it.
    let directory: String
    let path: String
    let bytes: [UInt8]

    /// Why the probe could not be built.
    struct BuildFailure: Error, CustomStringConvertible {
        let description: String
    }

    static let shared: Result<ProbeProgram, any Error> = Result { try build() }

    /// The probe as a sealed memory file, ready for an upload.
    static func sealed() throws -> OwnedDescriptor { try memory.get().duplicate() }

    private static let memory: Result<SharedMemoryFile, any Error> = Result {
        SharedMemoryFile(try MemoryFile.sealed(shared.get().bytes, name: "probe"))
    }

    private static func build() throws -> ProbeProgram {
        let directory = NSTemporaryDirectory() + "nestbox-containment-\(Host.token())"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        chmod(directory, 0o755)
        // Writing to a program that has gone is an error to look at, not a reason to die.
        signal(SIGPIPE, SIG_IGN)
        removedAtExit.withLock { $0 = directory }
        atexit { removedAtExit.withLock { try? FileManager.default.removeItem(atPath: $0) } }
        let sources = Host.directory.appendingPathComponent("Probes")
        let files = try FileManager.default.contentsOfDirectory(atPath: sources.path)
            .filter { $0.hasSuffix(".c") }.sorted()
        let path = directory + "/probe"
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/gcc")
        compiler.arguments =
            ["-O1", "-static", "-pthread", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", "-o", path]
            + files.map { sources.appendingPathComponent($0).path }
        try compiler.run()
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0 else {
            throw BuildFailure(description: "gcc ended with \(compiler.terminationStatus) for the probe")
        }
        chmod(path, 0o755)
        return ProbeProgram(
            directory: directory, path: path, bytes: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
    }
}

/// A descriptor that lives as long as the process.
private final class SharedMemoryFile: Sendable {
    private let descriptor: OwnedDescriptor
    init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
    func duplicate() throws -> OwnedDescriptor { try descriptor.duplicate() }
}

private let removedAtExit = Locked("")

/// A value behind a lock; the suite's few shared counters.
final class Locked<Value>: @unchecked Sendable {
    private var value: Value
    private let lock = NSLock()

    init(_ value: Value) { self.value = value }

    func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
