internal import LinuxSystem
internal import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import WardenClient

/// Keeps in memory what a compile step leaves for the run step: all of it together within a limit.
struct ProductCollector: Sendable {
    private var room: Int64
    private(set) var files: [RunPlan.File] = []
    private(set) var problem: APIError?

    init(limit: Int64) {
        room = limit
    }

    /// Reads a product. Blocks.
    mutating func take(_ path: BoxPath, bytes: Int64, from file: SharedDescriptor) {
        guard let source = file.take() else { return }
        guard bytes <= room else {
            problem = APIError(.artifactFailed, "what the compile step left is too large, \(path) has \(bytes) bytes")
            return
        }
        do {
            let status = try Files.status(of: source.number)
            let content = try Files.read(source.number, limit: Int(bytes), name: path.description)
            room -= Int64(content.count)
            files.append(RunPlan.File(path: path, content: content, executable: status.permissions & 0o111 != 0))
        } catch {
            problem = APIError(.artifactFailed, "what the compile step left cannot be read: \(error)", retryable: true)
        }
    }
}
