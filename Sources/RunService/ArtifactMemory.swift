internal import LinuxSystem
package import RunExecution
package import RunModel
internal import SandboxSpec
internal import Synchronization

/// Keeps exported files in memory: those of each run within a number of bytes.
package final class ArtifactMemory: ArtifactStore {
    private typealias Content = [String: [UInt8]]

    private let runs = Mutex<[RunID: Content]>([:])
    private let capacity: Int64

    /// - Parameter capacity: bytes of one run, all its files together.
    package init(capacity: Int64) {
        self.capacity = capacity
    }

    package func open(_ run: RunID) -> any ArtifactSink {
        runs.withLock { $0[run] = $0[run] ?? [:] }
        return RunSink(memory: self, run: run)
    }

    package func content(of path: String, run: RunID) -> [UInt8]? { runs.withLock { $0[run]?[path] } }

    package func bytes(of run: RunID) -> Int { runs.withLock { Self.size($0[run] ?? [:]) } }

    package func remove(_ runs: [RunID]) {
        self.runs.withLock { known in
            for run in runs { known[run] = nil }
        }
    }

    private static func size(_ files: Content) -> Int { files.values.reduce(0) { $0 + $1.count } }

    private struct RunSink: ArtifactSink {
        let memory: ArtifactMemory
        let run: RunID

        /// One thread writes at a time, so the room that is there stays there.
        func write(
            _ path: BoxPath, from source: borrowing OwnedDescriptor, limit: Int64
        ) throws(ArtifactRefusal) -> Int64 {
            let room = memory.capacity - Int64(memory.bytes(of: run))
            guard limit <= room else {
                throw ArtifactRefusal(reason: "is too large to be kept: \(limit) bytes, there is room for \(room)")
            }
            let content: [UInt8]
            do throws(SystemCallError) {
                content = try Files.read(source.number, limit: Int(limit), name: path.description)
            } catch {
                throw ArtifactRefusal(error)
            }
            let isKept = memory.runs.withLock { runs in
                runs[run]?[path.description] = content
                return runs[run] != nil
            }
            guard isKept else { throw ArtifactRefusal(reason: "belongs to a run that is not kept any more") }
            return Int64(content.count)
        }
    }
}
