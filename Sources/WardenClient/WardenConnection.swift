package import LinuxSystem
package import Reactor
package import SandboxSpec
internal import Synchronization
internal import WardenProtocol

/// The connection to one warden: makes sandboxes and hands each its events.
///
/// The thread of a reactor reads the socket, or, of a warden that this process has started, a thread of its own, which also waits for
/// the process and does everything else that may block. The methods here return immediately or suspend. Safe to use from any task. The connection ends with `close()`, with its last
/// reference, or by itself when the warden ends. Every living sandbox then gets its `finished` event, after what the
/// warden left behind has been swept away.
///
/// From the first connection on the process ignores SIGPIPE: a program may end while its stdin is written.
package final class WardenConnection: Sendable {
    private let channel: WardenChannel
    /// The warden's process id, as it says itself.
    package let pid: Int32

    private init(channel: WardenChannel, pid: Int32) {
        ignoreBrokenPipes()
        self.channel = channel
        self.pid = pid
    }

    deinit {
        channel.requestClose()
    }

    /// Starts a warden and waits for its welcome.
    ///
    /// - Parameters:
    ///   - executable: the path of `nestbox-warden`; PATH is not searched.
    ///   - arguments: its arguments besides its socket, such as `--image-root DIR`. Also given to the sweep.
    ///   - inheritStandardError: lets the warden write to this process's stderr. Otherwise its last 4 KiB are kept and
    ///     become part of the error when it ends.
    ///   - deadlines: how long to wait for what.
    /// - Throws: why there is no warden. Its process has been waited for by then.
    package static func launch(
        executable: String, arguments: [String] = [], inheritStandardError: Bool = false,
        deadlines: WardenDeadlines = WardenDeadlines()
    ) async throws(WardenError) -> WardenConnection {
        let channel: WardenChannel
        let loop: WardenLoop
        do {
            // The pairs are closed when this block is left: from then on only the warden holds its ends.
            let sockets = try PacketSocket.pair()
            let output = try Pipe.make()
            let reader = try output.first.duplicate()
            channel = try WardenChannel(socket: try sockets.first.duplicate(), deadlines: deadlines)
            let process = try WardenProcess(
                executable: executable, arguments: ["--socket-fd", "3"] + arguments, socket: sockets.second.number,
                standardError: inheritStandardError ? -1 : output.second.number)
            loop = WardenLoop(
                channel: channel, process: process, standardError: reader,
                sweep: WardenLoop.Sweep(executable: executable, arguments: arguments))
        } catch let error as SystemCallError {
            throw .system(error)
        } catch let error as WardenError {
            throw error
        } catch {
            throw .protocolViolation("\(error)")
        }
        try start(loop, on: channel)
        return try await greeted(on: channel)
    }

    /// Speaks to a warden that another process started and will wait for.
    ///
    /// - Parameters:
    ///   - socket: a connected SOCK_SEQPACKET socket.
    ///   - reactor: on whose thread the socket is read; nil for a thread of its own.
    package static func adopt(
        socket: consuming sending OwnedDescriptor, deadlines: WardenDeadlines = WardenDeadlines(),
        reactor: Reactor? = nil
    ) async throws(WardenError) -> WardenConnection {
        let channel: WardenChannel
        do throws(SystemCallError) {
            channel = try WardenChannel(socket: socket, deadlines: deadlines)
        } catch {
            throw .system(error)
        }
        let loop = WardenLoop(channel: channel, process: nil, standardError: nil, sweep: nil)
        guard let reactor else {
            try start(loop, on: channel)
            return try await greeted(on: channel)
        }
        let handed = Mutex<WardenLoop?>(loop)
        reactor.add(reactor.newID()) { WardenMember(handed.withLock { $0.take() }) }
        return try await greeted(on: channel)
    }

    /// On a thread of its own.
    private static func start(
        _ loop: consuming sending WardenLoop, on channel: WardenChannel
    ) throws(WardenError) {
        var waiting: WardenLoop? = loop
        channel.loop.withLock { $0 = waiting.take() }
        do throws(SystemCallError) {
            try DetachedThread.start {
                guard var loop = channel.loop.withLock({ $0.take() }) else { return }
                loop.run()
            }
        } catch {
            if var loop = channel.loop.withLock({ $0.take() }) { loop.abandon() }
            throw .system(error)
        }
    }

    private static func greeted(on channel: WardenChannel) async throws(WardenError) -> WardenConnection {
        let greeting = await withTaskCancellationHandler {
            await channel.greeting.wait()
        } onCancel: {
            channel.requestClose()
        }
        switch greeting {
        case .success(let pid): return WardenConnection(channel: channel, pid: pid)
        case .failure(let error): throw error
        }
    }

    /// Has a sandbox made and parked. Cancelling the task gives it up, on the warden's side as well.
    ///
    /// - Throws: `StageFailure` when the warden could not or would not make it, `WardenError` when there is no warden
    ///   any more, `ProtocolError` when the specification is out of bounds, `CancellationError`.
    package func makeSandbox(_ spec: SandboxSpec) async throws -> SandboxHandle {
        let id = channel.newSandboxID()
        let created = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                channel.create(id, spec, continuation)
            }
        } onCancel: {
            channel.abandon(id)
        }
        return SandboxHandle(id: id, created: created, connection: self, channel: channel)
    }

    /// What the warden last said of itself, and how long ago; nil in the first seconds. It is asked every two seconds, and
    /// given up when it does not answer for ten.
    package var status: (value: WardenStatus, age: Duration)? {
        channel.state.withLock { state in state.status.map { ($0.value, $0.at.duration(to: .now)) } }
    }

    /// What a warden that this connection has started wrote last, once the connection has ended: what it could not end
    /// or remove, for one. Empty when all is well.
    package var remains: String { channel.remains.withLock { $0 } }

    /// How many sandboxes this side has given up and the warden has not reported gone.
    package var abandonedCount: Int { channel.abandonedCount }

    /// Waits for the end of the connection and says why it ended. By then the warden's process has been waited for,
    /// its remains have been swept away, and each sandbox has had its `finished` event. Does not end early when the
    /// task is cancelled.
    package func terminated() async -> WardenError {
        await channel.termination.wait()
    }

    /// Ends the connection: the warden ends its sandboxes and itself, and is killed if it takes too long. Returns when
    /// it is gone. May be called more than once.
    package func close() async {
        channel.requestClose()
        _ = await channel.termination.wait()
    }
}
