internal import LinuxSystem
package import RunModel
package import SandboxSpec
package import WardenClient
internal import WardenProtocol

/// A fresh sandbox from a warden for every lease: nothing is kept ready.
package struct WardenSandboxes: SandboxSource {
    private let connection: WardenConnection

    package init(connection: WardenConnection) {
        self.connection = connection
    }

    package func lease(_ spec: SandboxSpec) async throws(APIError) -> SandboxLease {
        do {
            let handle: SandboxHandle
            do {
                handle = try await connection.makeSandbox(spec)
            } catch let failure as StageFailure where failure.stage == "zygote" {
                // It died after it was asked. The warden makes another one.
                handle = try await connection.makeSandbox(spec)
            }
            return SandboxLease(
                sandbox: WardenSandbox(handle: handle), streams: try Self.streams(of: handle), warmth: .cold)
        } catch let error as APIError {
            throw error
        } catch let failure as StageFailure {
            throw APIError(failure)
        } catch let error as WardenError {
            throw APIError(.wardenUnavailable, error.description, retryable: true)
        } catch {
            throw APIError(.sandboxFailed, "no sandbox could be made: \(error)", retryable: true)
        }
    }

    private static func streams(of handle: SandboxHandle) throws(APIError) -> ProgramStreams {
        guard let stdio = handle.takeStdio() else {
            throw APIError(.sandboxFailed, "the sandbox came without its streams", retryable: true)
        }
        switch consume stdio {
        case .pipes(let stdin, let stdout, let stderr):
            return .pipes(
                stdin: SharedDescriptor(stdin), stdout: SharedDescriptor(stdout), stderr: SharedDescriptor(stderr))
        case .terminal(let terminal): return .terminal(SharedDescriptor(terminal))
        }
    }
}

/// A warden's sandbox, as a step of a run uses it.
private struct WardenSandbox: Sandbox {
    let handle: SandboxHandle

    func nextEvent() async -> SandboxEvent? { await handle.nextEvent() }

    func upload(_ path: BoxPath, content: [UInt8], executable: Bool) throws(APIError) {
        do {
            try handle.upload(path, executable: executable, bytes: content)
        } catch {
            throw APIError(.sandboxFailed, "file \(path) could not be handed over: \(error)", retryable: true)
        }
    }

    var isAlive: Bool { handle.isAlive }

    func start(_ job: Job, times: TimeLimits?) throws(APIError) {
        do {
            try handle.start(job, times: times)
        } catch {
            throw APIError(.sandboxFailed, "the program could not be started: \(error)", retryable: true)
        }
    }

    func kill(_ reason: KillReason) { handle.kill(reason) }

    func giveUp(_ failure: StageFailure) { handle.giveUp(failure) }

    func signal(_ number: UInt8) {
        // A number no kernel knows is refused before it is sent; there is nobody left to tell otherwise.
        do { try handle.signal(number) } catch {}
    }

    func resize(_ size: TerminalSize) { handle.resize(size) }

    func activity() { handle.activity() }

    func probe() { handle.probe() }
}
