internal import Glibc
internal import LinuxSystem
internal import Synchronization

/// Makes wardens for a process that is not root any more: the way to a small root process that it started while it was.
///
/// Safe from any task. Nothing is asked of it but wardens, one at a time.
package final class WardenKeeper: Sendable {
    /// How long a warden may take to be started, and the one before to be cleaned up after.
    private static let patience: Int32 = 30_000

    private let socket: SharedNumber
    /// The keeper's process id; a child of this process.
    package let pid: Int32

    /// Owns the socket; requests take turns.
    private final class SharedNumber: Sendable {
        let descriptor: Mutex<OwnedDescriptor>

        init(_ descriptor: consuming sending OwnedDescriptor) {
            self.descriptor = Mutex(descriptor)
        }
    }

    /// Starts the keeper. Call it as root, before rights are given up.
    ///
    /// - Parameters:
    ///   - executable: the path of `nestbox-warden`.
    ///   - arguments: what each warden is told besides its socket, such as `--image-root DIR`.
    package init(executable: String, arguments: [String]) throws(WardenError) {
        do throws(SystemCallError) {
            let pair = try PacketSocket.pair()
            pid = try ProgramStart.run(
                executable, ["--keeper", "--socket-fd", "3"] + arguments, socket: pair.second.number, standardError: -1)
            socket = SharedNumber(try pair.first.duplicate())
        } catch {
            throw .system(error)
        }
    }

    /// A connection to a new warden. The one before, if it still lives, is ended first.
    ///
    /// - Throws: `disconnected` when the keeper itself is gone; then there will be no warden any more.
    package func makeWarden(deadlines: WardenDeadlines = WardenDeadlines()) async throws(WardenError)
        -> WardenConnection
    {
        let answer = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<SharedDescriptor, WardenError>, Never>) in
            let socket = socket
            let failure = IOThread.start(name: "keeper") { continuation.resume(returning: Self.ask(socket)) }
            if failure != 0 {
                continuation.resume(returning: .failure(.system(SystemCallError("pthread_create", errno: failure))))
            }
        }
        guard let descriptor = try answer.get().take() else { throw .disconnected }
        return try await WardenConnection.adopt(socket: descriptor, deadlines: deadlines)
    }

    private static func ask(_ socket: SharedNumber) -> Result<SharedDescriptor, WardenError> {
        socket.descriptor.withLock { descriptor in
            do throws(SystemCallError) {
                try PacketSocket.send([1], on: descriptor.number, wait: false)
                guard try Readiness.wait(descriptor.number, -1, timeout: patience).first else {
                    return .failure(.noWelcome(after: .milliseconds(Int(patience))))
                }
                var packet = try PacketSocket.receive(on: descriptor.number, limit: 16, maximumDescriptors: 1)
                guard packet.bytes.count == 4 else { return .failure(.disconnected) }
                let number = packet.bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                guard let taken = packet.descriptors.take() else {
                    return .failure(.cannotStart(executable: "nestbox-warden", errno: Int32(bitPattern: number)))
                }
                return .success(SharedDescriptor(taken))
            } catch {
                return .failure(error.errno == EPIPE || error.errno == ECONNRESET ? .disconnected : .system(error))
            }
        }
    }
}
