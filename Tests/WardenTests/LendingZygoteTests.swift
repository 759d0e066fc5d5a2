import CSandbox
import Foundation
import LinuxSystem
import Testing

/// nestbox-init as a zygote in a network namespace of its own, asked as a warden asks it.
@Suite("A zygote with a network namespace", .enabled(if: PlainZygote.canStart, "needs root, nestbox-init, unshare"))
struct LendingZygoteTests {
    private static let lend = UInt32(NESTBOX_FORK_LEND)

    @Test("lends it to one sandbox at a time, and again when nothing of that is left")
    func turns() throws {
        let zygote = try PlainZygote()
        defer { zygote.end() }
        var first: PlainZygote.Child? = try zygote.fork(Self.lend)
        #expect(first?.isLent == true && first?.network == zygote.network)
        // The first one lives. Whatever the warden believes, this one gets a namespace of its own.
        let second = try zygote.fork(Self.lend)
        #expect(!second.isLent && second.network != nil && second.network != zygote.network)
        try first?.end()
        first = nil
        let third = try zygote.fork(Self.lend)
        #expect(third.isLent && third.network == zygote.network)
        try second.end()
        try third.end()
    }

    @Test("does not lend it when it is not asked to")
    func notAsked() throws {
        let zygote = try PlainZygote()
        defer { zygote.end() }
        let child = try zygote.fork(0)
        #expect(!child.isLent && child.network != nil && child.network != zygote.network)
        try child.end()
    }

    @Test("does not lend it while a socket is in it")
    func occupied() throws {
        let zygote = try PlainZygote(
            behind: [
                "/usr/bin/python3", "-c",
                "import os, socket, sys\na, b = socket.socketpair()\na.set_inheritable(True)\nos.execv(sys.argv[1], sys.argv[1:2])",
            ])
        defer { zygote.end() }
        let child = try zygote.fork(Self.lend)
        #expect(!child.isLent && child.network != nil && child.network != zygote.network)
        try child.end()
    }

    @Test("makes no sandbox when a request names a channel and does not bring it")
    func missingChannel() throws {
        let zygote = try PlainZygote()
        defer { zygote.end() }
        let child = try zygote.fork(UInt32(NESTBOX_FORK_CHANNEL))
        #expect(child.pid == 0 && child.failure == EINVAL)
        try zygote.fork(0).end()
    }

    @Test("never lends it to a sandbox that may use the network")
    func loopback() throws {
        let zygote = try PlainZygote()
        defer { zygote.end() }
        let child = try zygote.fork(Self.lend | UInt32(NESTBOX_FORK_LOOPBACK))
        #expect(child.pid == 0 && child.failure == EINVAL)
        // It goes on.
        let next = try zygote.fork(Self.lend)
        #expect(next.isLent)
        try next.end()
    }
}

/// A zygote, started without a warden.
private final class PlainZygote {
    static let executable = URL(fileURLWithPath: (try? Files.readLink("/proc/self/exe")) ?? "/")
        .deletingLastPathComponent().appendingPathComponent("nestbox-init").path

    static let canStart =
        geteuid() == 0
        && [executable, "/usr/bin/unshare", "/usr/bin/python3"].allSatisfy { (path: String) in access(path, X_OK) == 0 }

    private let pid: Int32
    private let socket: SharedDescriptor

    /// - Parameter behind: a command that executes what follows it, in the zygote's network namespace.
    init(behind command: [String] = []) throws {
        let pair = try PacketSocket.pair()
        pid = try ProgramStart.run(
            "/usr/bin/unshare", ["--net", "--"] + command + [Self.executable], socket: pair.second.number,
            standardError: -1)
        socket = pair.shared().0
    }

    func end() {
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
    }

    /// A sandbox that waits for its id maps.
    struct Child {
        let pid: Int32
        let isLent: Bool
        let failure: Int32
        let control: SharedDescriptor
        let process: SharedDescriptor?

        var network: String? { PlainZygote.network(of: pid) }

        func end() throws {
            let process = try #require(process)
            try PidDescriptor.signal(process.number, SIGKILL)
            #expect(try Readiness.wait(process.number, -1, timeout: 5000).first)
        }
    }

    func fork(_ flags: UInt32) throws -> Child {
        let control = try PacketSocket.pair()
        let (ours, theirs) = control.shared()
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        var request = nestbox_fork_request()
        request.flags = flags
        let bytes = withUnsafeBytes(of: &request) { Array($0) }
        // The streams and the filter are of no use to a sandbox that does not get that far.
        try PacketSocket.send(bytes, descriptors: [theirs.number, null, null, null, null], on: socket.number)
        var packet = try PacketSocket.receive(
            on: socket.number, limit: MemoryLayout<nestbox_fork_reply>.size, maximumDescriptors: 1)
        try #require(packet.bytes.count == MemoryLayout<nestbox_fork_reply>.size)
        let reply = packet.bytes.withUnsafeBytes { $0.loadUnaligned(as: nestbox_fork_reply.self) }
        return Child(
            pid: reply.pid, isLent: reply.is_lent != 0, failure: reply.failure.error, control: ours,
            process: packet.descriptors.takeShared())
    }

    var network: String? { Self.network(of: pid) }

    private static func network(of pid: Int32) -> String? { try? Files.readLink("/proc/\(pid)/ns/net") }
}
