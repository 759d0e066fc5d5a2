internal import ArgumentParser
internal import Dispatch
internal import Glibc
internal import LinuxSystem
internal import NestboxClient
internal import RunModel
internal import ServerSettings

struct WorkspaceForwardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forward", abstract: "Have a port of a workspace on this machine.",
        discussion: """
            Listens on 127.0.0.1, and passes each connection on to the port in the workspace, until Ctrl-C. Prints the \
            address when it listens.
            """)

    @OptionGroup var options: WorkspaceOptions
    @Argument(help: "The workspace.") var id: String
    @Argument(help: "Its port, 1 to 65535.") var port: UInt16

    @Option(help: ArgumentHelp("The port of this machine, 0 for any; the same by default.", valueName: "port"))
    var listen: UInt16?

    /// Connections at the same time; more wait.
    private static let maximumConnections = 64

    mutating func run() async throws {
        guard port > 0 else { throw CommandFailure(APIError(.invalidRequest, "port: found 0, allowed is 1 to 65535")) }
        let (listener, own) = try Self.listen(on: listen ?? port)
        Console.say("http://127.0.0.1:\(own)")
        let (id, port) = (WorkspaceOptions.component(id), port)
        try await options.use { client in
            await withDiscardingTaskGroup { group in
                let places = DispatchSemaphore(value: Self.maximumConnections)
                while let connection = await Self.accept(listener, places) {
                    group.addTask {
                        defer { places.signal() }
                        await Self.serve(connection, port, id, client)
                    }
                }
            }
        }
    }

    private static func listen(on port: UInt16) throws -> (Int32, UInt16) {
        let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: INADDR_LOOPBACK.bigEndian)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                var yes: Int32 = 1
                setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
                return bind(file, address, size) == 0 && Glibc.listen(file, 64) == 0
                    && getsockname(file, address, &size) == 0
            }
        }
        guard file >= 0, isBound else {
            throw CommandFailure(
                APIError(.invalidRequest, "port \(port) of 127.0.0.1 cannot be listened on: \(errnoDescription(errno))")
            )
        }
        return (file, UInt16(bigEndian: address.sin_port))
    }

    /// On a thread that may wait: for a place, and for a client.
    private static func accept(_ listener: Int32, _ places: DispatchSemaphore) async -> Int32? {
        await onThread { () -> Int32? in
            places.wait()
            while true {
                let file: Int32 = Glibc.accept(listener, nil, nil)
                if file >= 0 { return file }
                guard errno == EINTR || errno == ECONNABORTED else { return nil }
            }
        } ?? nil
    }

    private static func serve(_ connection: Int32, _ port: UInt16, _ id: String, _ client: NestboxClient) async {
        defer { close(connection) }
        do {
            try await client.connect(to: port, of: id) {
                await onThread { () -> [UInt8]? in
                    var buffer = [UInt8](repeating: 0, count: 65_536)
                    while true {
                        let count = read(connection, &buffer, buffer.count)
                        if count < 0, errno == EINTR { continue }
                        return count > 0 ? Array(buffer.prefix(count)) : nil
                    }
                } ?? nil
            } write: { bytes in
                await onThread { Console.write(bytes, to: connection) } ?? false
            } ended: {
                // Whoever reads from it on another thread finds its end.
                shutdown(connection, Int32(SHUT_RDWR))
            }
        } catch {
            Console.complain("a connection: \((error as? NestboxError)?.message ?? "\(error)")")
        }
    }

    /// Runs what blocks on a thread of its own; nil when there is none to be had.
    private static func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value? {
        await withCheckedContinuation { continuation in
            do {
                try DetachedThread.start { continuation.resume(returning: body()) }
            } catch {
                continuation.resume(returning: nil)
            }
        }
    }
}
