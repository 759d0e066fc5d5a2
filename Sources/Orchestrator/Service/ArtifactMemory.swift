package import LinuxSystem
package import SandboxSpec
internal import Synchronization

/// Keeps the files a run hands out in memory: all of them together within a number of bytes.
package final class ArtifactMemory: ArtifactStore {
    private let state = Mutex<[String: [UInt8]]>([:])
    private let capacity: Int64

    /// - Parameter capacity: bytes, all files together.
    package init(capacity: Int64) {
        self.capacity = capacity
    }

    package func write(
        _ path: BoxPath, from source: borrowing OwnedDescriptor, limit: Int64
    ) throws(ArtifactRefusal) -> Int64 {
        let room = capacity - Int64(bytes)
        guard limit <= room else {
            throw ArtifactRefusal(reason: "is too large to be kept: \(limit) bytes, there is room for \(room)")
        }
        let content: [UInt8]
        do throws(SystemCallError) {
            content = try Files.read(source.number, limit: Int(limit), name: path.description)
        } catch {
            throw ArtifactRefusal(error)
        }
        state.withLock { $0[path.description] = content }
        return Int64(content.count)
    }

    package subscript(path: String) -> [UInt8]? { state.withLock { $0[path] } }

    /// Of all files together.
    package var bytes: Int { state.withLock { $0.values.reduce(0) { $0 + $1.count } } }
}
