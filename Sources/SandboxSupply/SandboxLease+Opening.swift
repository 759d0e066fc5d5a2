internal import Glibc
internal import LinuxSystem
internal import RunModel
internal import SandboxPool
internal import SandboxSpec
internal import WardenClient
internal import WardenProtocol

extension SandboxLease {
    /// Drivers that are not ready by then are given up: as long as a session waits for its own.
    static let openingMilliseconds: Int32 = 30_000
    /// So much of what it wrote instead goes into the error.
    private static let quotedBytes = 512

    /// Starts what is to wait in the parked sandbox, and waits until it has said something by its channel, which is left there for
    /// whoever leases the sandbox.
    ///
    /// - Throws: why it did not come to that; the sandbox is being ended then.
    func opened(
        with opening: SandboxOpening, milliseconds: Int32 = SandboxLease.openingMilliseconds
    ) async throws(APIError) -> SandboxLease {
        do throws(APIError) {
            guard let channel = sandbox.channel else {
                throw APIError(StageFailure(stage: "open", errno: ENOTCONN, object: "a sandbox without a channel"))
            }
            var job = opening.job
            job.files = []
            try sandbox.start(job, with: opening.job.files, times: opening.times)
            switch await Self.answer(on: channel, milliseconds) {
            case .some(true): return opened()
            case .some(false): throw APIError(StageFailure(stage: "open", errno: EPIPE, object: words()))
            case .none: throw APIError(StageFailure(stage: "open", errno: ETIMEDOUT, object: words()))
            }
        } catch {
            sandbox.kill(.cancelled)
            throw error
        }
    }

    /// Whether there is something to read; false at the end of the file, nil when nothing comes.
    private static func answer(on channel: ProgramChannel, _ milliseconds: Int32) async -> Bool? {
        await withCheckedContinuation { continuation in
            @Sendable func wait() {
                var polled = pollfd(fd: channel.records.number, events: Int16(POLLIN), revents: 0)
                var count: Int32
                repeat { count = poll(&polled, 1, milliseconds) } while count < 0 && lastErrno == EINTR
                continuation.resume(returning: count <= 0 ? nil : polled.revents & Int16(POLLIN) != 0)
            }
            // Without a thread to wait on, there is none to open sandboxes on either.
            do { try DetachedThread.start(wait) } catch { continuation.resume(returning: nil) }
        }
    }

    /// The end of what it has written to its error output.
    private func words() -> String {
        guard case .pipes(_, _, let stderr) = sandbox.streams,
            let bytes = try? Files.readAvailable(stderr.number, limit: 65_536)
        else { return "" }
        return String(decoding: bytes.suffix(Self.quotedBytes), as: UTF8.self)
    }
}
