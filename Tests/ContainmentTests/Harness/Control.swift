internal import Foundation

/// The positive control: the same probe as a plain child, with no sandbox around it.
///
/// An attempt counts as contained only when its control shows that the probe would have succeeded.
enum Control {
    /// Who the control runs as. `root` is for capabilities that only root has on a bare host, such as mknod.
    enum User {
        case nobody, root
    }

    static func arguments(_ probe: [String], as user: User) throws -> [String] {
        let program = [try ProbeProgram.shared.get().path] + probe
        return switch user {
        case .root: program
        case .nobody: ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] + program
        }
    }

    /// Runs the probe in an empty scratch directory and returns what it printed.
    static func run(_ probe: [String], as user: User = .nobody, seconds: Double = 20) async throws
        -> ChildProcess.Ending
    {
        let scratch = try ScratchDirectory()
        defer { scratch.remove() }
        return try await start(probe, as: user, in: scratch.path).finish(seconds: seconds)
    }

    /// Starts the probe and leaves it running; the caller finishes it.
    static func start(_ probe: [String], as user: User = .nobody, in directory: String = "/", extra: [Int32] = [])
        throws -> ChildProcess
    {
        try ChildProcess(arguments(probe, as: user), directory: directory, extra: extra)
    }
}

/// A directory everybody may write to, removed with all it holds.
struct ScratchDirectory {
    let path: String

    /// - Parameter parent: where to make it; the suite's own directory if nil.
    init(_ purpose: String = "scratch", in parent: String? = nil) throws {
        path = try (parent ?? ProbeProgram.shared.get().directory) + "/nestbox-\(purpose)-\(Host.token())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        chmod(path, 0o777)
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
