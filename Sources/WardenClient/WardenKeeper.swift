internal import Glibc
internal import LinuxSystem
package import Reactor
internal import Synchronization

/// Makes wardens for a process that is not root any more: the way to a small root process that it started while it was.
///
/// Safe from any task. Nothing is asked of it but wardens, one at a time.
package final class WardenKeeper: Sendable {
    /// How long a warden may take to be started, and the one before to be cleaned up after.
    private static let welcomeTimeout: Int32 = 60_000
    /// How long a keeper of another process may take to end its warden and itself.
    private static let closeTimeout: Int32 = 15_000

    private let socket: Socket
    /// The keeper's process id, of a child of this process; 0 for one that another process has started.
    package let pid: Int32

    /// Owns the socket.
    private final class Socket: Sendable {
        let descriptor: OwnedDescriptor
        /// Requests take turns.
        let turn = Mutex(())

        init(_ descriptor: consuming sending OwnedDescriptor) {
            self.descriptor = descriptor
        }

        /// Nothing more is asked, and the keeper reads end of file; this side can still wait for its end.
        func finish() {
            shutdown(descriptor.number, Int32(SHUT_WR))
        }

        /// Nothing more is asked, and the keeper reads end of file.
        func shut() {
            shutdown(descriptor.number, Int32(SHUT_RDWR))
        }
    }

    /// Starts the keeper. Call it as root, before rights are given up.
    ///
    /// - Parameters:
    ///   - executable: the path of `nestbox-warden`.
    ///   - arguments: the arguments of each warden besides its socket, such as `--image-root DIR`.
    ///   - standardError: where it and its wardens write their messages; -1 for where this process does.
    package init(executable: String, arguments: [String], standardError: Int32 = -1) throws(WardenError) {
        do throws(SystemCallError) {
            let pair = try PacketSocket.pair()
            pid = try ProgramStart.run(
                executable, ["--keeper", "--socket-fd", "3"] + arguments, socket: pair.second.number,
                standardError: standardError)
            socket = Socket(try pair.first.duplicate())
        } catch {
            throw .system(error)
        }
    }

    /// A keeper that another process, such as systemd, starts for each client that connects to a socket in the file system. Any user may
    /// call this whom the socket lets in.
    ///
    /// - Parameter path: absolute.
    /// - Throws: when nobody listens there, or somebody who is not root.
    package init(connectingTo path: String) throws(WardenError) {
        socket = Socket(try KeeperSocket.connect(to: path))
        pid = 0
    }

    /// A connection to a new warden. The one before, if it still lives, is ended first.
    ///
    /// - Parameter reactor: on whose thread the connection is served; nil for a thread of its own.
    /// - Throws: `disconnected` when the keeper itself is gone or was closed; then there will be no warden any more.
    package func makeWarden(
        deadlines: WardenDeadlines = WardenDeadlines(), reactor: Reactor? = nil
    ) async throws(WardenError) -> WardenConnection {
        let answer = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<SharedDescriptor, WardenError>, Never>) in
            let socket = socket
            do throws(SystemCallError) {
                try DetachedThread.start { continuation.resume(returning: Self.ask(socket)) }
            } catch {
                continuation.resume(returning: .failure(.system(error)))
            }
        }
        guard let descriptor = try answer.get().take() else { throw .disconnected }
        do throws(WardenError) {
            return try await WardenConnection.adopt(socket: descriptor, deadlines: deadlines, reactor: reactor)
        } catch {
            // A warden that could not start has said why on stderr. The next one may be luckier.
            guard error == .disconnected else { throw error }
            throw .system(
                SystemCallError("welcome", errno: ECONNRESET, object: "the warden ended at once, see its messages"))
        }
    }

    /// Ends the keeper, and with it its warden and every sandbox, and waits until it is gone.
    package func close() async {
        if pid == 0 { socket.finish() } else { socket.shut() }
        await withCheckedContinuation { continuation in
            let (pid, socket) = (pid, socket)
            do throws(SystemCallError) {
                try DetachedThread.start {
                    guard pid > 0 else {
                        // The end of the keeper is the end of its socket.
                        do throws(SystemCallError) {
                            _ = try Readiness.wait(socket.descriptor.number, -1, timeout: Self.closeTimeout)
                        } catch {}
                        continuation.resume()
                        return
                    }
                    // Other code that has reaped it has waited for it just as well.
                    while waitpid(pid, nil, 0) < 0, lastErrno == EINTR {}
                    continuation.resume()
                }
            } catch {
                continuation.resume()
            }
        }
    }

    private static func ask(_ socket: Socket) -> Result<SharedDescriptor, WardenError> {
        let number = socket.descriptor.number
        return socket.turn.withLock { _ in
            do throws(SystemCallError) {
                try PacketSocket.send([1], on: number, wait: false)
                guard try Readiness.wait(number, -1, timeout: welcomeTimeout).first else {
                    // Its answer, should it come, must not be taken for the answer to the next question.
                    socket.shut()
                    return .failure(.noWelcome(after: .milliseconds(Int(welcomeTimeout))))
                }
                var packet = try PacketSocket.receive(on: number, limit: 16, maximumDescriptors: 1)
                guard packet.bytes.count == 4 else { return .failure(.disconnected) }
                let reason = packet.bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                guard let taken = packet.descriptors.take() else {
                    return .failure(.cannotStart(executable: "nestbox-warden", errno: Int32(bitPattern: reason)))
                }
                return .success(SharedDescriptor(taken))
            } catch {
                return .failure(error.errno == EPIPE || error.errno == ECONNRESET ? .disconnected : .system(error))
            }
        }
    }
}
