internal import Foundation
internal import LinuxSystem
internal import SandboxSpec
internal import WardenClient
internal import WardenProtocol

extension LiveSandbox {
    /// The descriptor to write input to, and those to read output from.
    static func streams(of handle: SandboxHandle) -> (Int32, [Int32]) {
        func release(_ descriptor: SharedDescriptor) -> Int32 {
            guard let owned = descriptor.take() else { return -1 }
            return owned.release()
        }
        switch handle.streams {
        case .pipes(let stdin, let stdout, let stderr): return (release(stdin), [release(stdout), release(stderr)])
        case .terminal(let terminal):
            let number = release(terminal)
            return (fcntl(number, F_DUPFD_CLOEXEC, 3), [number])
        }
    }

    /// Takes every event down until the last.
    static func follow(_ handle: SandboxHandle, _ collected: Locked<Collected>) async -> SandboxOutcome {
        for await event in handle.events {
            switch event {
            case .started: collected.withLock { $0.started = Host.now }
            case .usage, .listening, .spawned, .spawnFailed, .exited, .dialed: break
            case .warning(let hit): collected.withLock { $0.warnings.append(hit) }
            case .inputAwaited(let isAwaited): collected.withLock { $0.answers.append(isAwaited) }
            case .files(let result, _): collected.withLock { $0.files.append(result) }
            case .artifact(let path, let bytes, let descriptor):
                guard let file = descriptor.take() else { break }
                let content = Host.readAll(file.number, limit: 16 << 20)
                collected.withLock { $0.artifacts.append((path.description, bytes, content)) }
            case .artifactSkipped(let name, let reason): collected.withLock { $0.skipped.append((name, reason)) }
            case .finished(let outcome):
                collected.withLock { $0.finished = Host.now }
                return outcome
            }
        }
        return await handle.finished()
    }

    /// Reads one stream to its end, as the reader in production does: keeps at most the limit and a chunk, and asks for
    /// the end once there is more.
    static func drain(
        _ stream: Int32, isOutput: Bool, into collected: Locked<Collected>, limit: Int64, _ handle: SandboxHandle
    ) {
        defer { close(stream) }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(stream, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return }
            let over = collected.withLock { state -> Int64? in
                let before = state.counted
                state.counted += Int64(count)
                if before <= limit {
                    if isOutput { state.output += chunk[..<count] } else { state.errors += chunk[..<count] }
                }
                return before <= limit && state.counted > limit ? state.counted : nil
            }
            handle.activity()
            if let over { handle.kill(.output(bytes: over)) }
        }
    }
}
