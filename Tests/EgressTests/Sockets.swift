import EgressRules
import Foundation
import Glibc
import LinuxSystem
import Synchronization

@testable import Egress

/// A socket of a test, whose calls wait, for ten seconds at most.
final class TestSocket: Sendable {
    let number: Int32

    init(owning number: Int32) {
        self.number = number
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(number) }

    static func connected(to port: UInt16) -> TestSocket {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var place = address(port)
        _ = withUnsafePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return TestSocket(owning: number)
    }

    static func address(_ port: UInt16) -> sockaddr_in {
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        place.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return place
    }

    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    func endWriting() { shutdown(number, Int32(SHUT_WR)) }

    /// What comes next; empty at the end, and when nothing comes.
    func receive(_ most: Int = 65_536) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: most)
        let count = recv(number, &bytes, most, 0)
        return Array(bytes.prefix(max(0, count)))
    }

    func receiveAll() -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let bytes = receive()
            if bytes.isEmpty { return all }
            all += bytes
        }
    }

    /// The head of a response.
    func head() -> String {
        var all: [UInt8] = []
        while !all.suffix(4).elementsEqual([13, 10, 13, 10]) {
            let bytes = receive(1)
            if bytes.isEmpty { break }
            all += bytes
        }
        return String(decoding: all, as: UTF8.self)
    }

    var text: String { String(decoding: receiveAll(), as: UTF8.self) }
}

/// A listener on 127.0.0.1.
struct TestListener: ~Copyable {
    let descriptor: OwnedDescriptor
    let port: UInt16

    init() {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        descriptor = OwnedDescriptor(owning: number)
        var place = TestSocket.address(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(number, $0, size)
                listen(number, 128)
                getsockname(number, $0, &size)
            }
        }
        port = UInt16(bigEndian: place.sin_port)
    }
}

/// A server that handles each client on a thread of its own.
final class TestServer: Sendable {
    let port: UInt16
    private let number: Int32
    let clients = Mutex(0)

    init(_ handle: @escaping @Sendable (TestSocket) -> Void) throws {
        let listener = TestListener()
        port = listener.port
        number = try listener.descriptor.duplicate().release()
        let number = number
        try DetachedThread.start { [weak self] in
            while true {
                let client = accept(number, nil, nil)
                guard client >= 0 else { return }
                let socket = TestSocket(owning: client)
                self?.clients.withLock { $0 += 1 }
                try? DetachedThread.start { handle(socket) }
            }
        }
    }

    deinit {
        shutdown(number, Int32(SHUT_RDWR))
        close(number)
    }
}

/// Names and their addresses, as a test has them; each answer of a name in its turn, the last one for ever.
final class TestNames: NameResolving {
    private let names: Mutex<[String: [[String]]]>
    let asked = Mutex<[String]>([])

    init(_ names: [String: [[String]]]) { self.names = Mutex(names) }

    func resolve(_ name: String, for client: UInt64, done: @escaping @Sendable ([IPAddress]?) -> Void) {
        asked.withLock { $0.append(name) }
        let answer = names.withLock { names -> [String]? in
            guard let answers = names[name], let first = answers.first else { return nil }
            if answers.count > 1 { names[name] = Array(answers.dropFirst()) }
            return first
        }
        // "slow" never answers.
        if name.hasPrefix("slow") { return }
        done((answer ?? []).compactMap { IPAddress($0) })
    }
}

/// A door on a port of this machine, in the place of one in a sandbox.
final class TestDoor: Sendable {
    let service: EgressService
    let door: EgressDoor
    let port: UInt16

    /// - Parameter open: ports of 127.0.0.1 that count as public.
    init(
        _ rules: [String], names: TestNames, open: [UInt16] = [], connections: Int = 8, bytes: Int64 = 1 << 30,
        settings change: (inout EgressService.Settings) -> Void = { _ in }
    ) throws {
        var settings = EgressService.Settings()
        settings.times.farewell = 1_000_000_000
        change(&settings)
        service = EgressService(settings, resolver: names)
        let listener = TestListener()
        port = listener.port
        let copy = try listener.descriptor.duplicate()
        _ = fcntl(copy.number, F_SETFL, O_NONBLOCK)
        let grant = EgressGrant(
            rules: rules.compactMap { EgressRule($0) },
            privateRanges: open.compactMap { PrivateRange("127.0.0.1/32:\($0)") }, connections: connections,
            bytes: bytes)
        door = try service.open(SharedDescriptor(copy), grant)
    }

    var client: TestSocket { .connected(to: port) }

    /// Waits until something is so, or five seconds.
    func settles(_ condition: () -> Bool) async -> Bool {
        for _ in 0..<500 {
            if condition() { return true }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return condition()
    }
}
