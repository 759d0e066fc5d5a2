import Foundation
import Glibc
import TestSupport
import Testing

/// Starts that cannot go well, and limits that are close.
@Suite("Start", .enabled(if: Service.canRun, "needs root, and nestboxd built"), .serialized)
struct StartTests {
    @Test("an address that is taken, or another machine's: said with the address, and the end at once")
    func addresses() throws {
        let service = try Service()
        for (address, words) in [
            ("127.0.0.1:\(service.port)", "listen: 127.0.0.1:\(service.port) is in use"),
            ("192.0.2.1:8080", "listen: 192.0.2.1:8080 is no address of this machine"),
        ] {
            let start = ContinuousClock.now
            do {
                _ = try Service(listen: address)
                Issue.record("it started on \(address)")
            } catch {
                #expect("\(error)".contains(words), "\(error)")
            }
            #expect(ContinuousClock.now - start < .seconds(10))
        }
        #expect(try service.request("GET", "/healthz").status == 200)
    }

    @Test("few descriptors: connections are bounded by them, nothing spins, runs go on")
    func descriptors() throws {
        let service = try Service(
            [
                "--pool-sandboxes", "0", "--max-running-runs", "2", "--max-connections-per-address", "4096",
                "--max-sessions", "0", "--max-workspaces", "0", "--max-egress-connections", "8",
            ], descriptors: 300)
        #expect(service.records.contains("max_connections is 4096, and RLIMIT_NOFILE of 300 leaves room for 44"))
        let first = try LoopbackConnection(port: service.port)
        let wires = try (0..<200).map { _ in try LoopbackConnection(port: service.port) }
        usleep(300_000)
        let before = try Self.ticks(service.process.processIdentifier)
        usleep(1_000_000)
        let used = try Self.ticks(service.process.processIdentifier) - before
        #expect(used < sysconf(Int32(_SC_CLK_TCK)) / 2, "\(used) ticks in a second")
        let run = #"{"language":"bash","code":"echo hi"}"#
        first.send(
            "POST /api/v1/execute HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(run.utf8.count)\r\n\r\n\(run)")
        #expect(first.answer()?.json["stdout"] as? String == "hi\n")
        #expect(!service.records.contains("the warden is gone"))
        for wire in wires { wire.reset() }
        #expect(try service.eventually { try service.request("GET", "/readyz").status == 200 })
    }

    @Test("too few descriptors for the runs: said, with the number that would do")
    func tooFew() throws {
        do {
            _ = try Service(["--max-running-runs", "8"], descriptors: 256)
            Issue.record("it started")
        } catch {
            #expect("\(error)".contains("RLIMIT_NOFILE is 256") && "\(error)".contains("pool_sandboxes"), "\(error)")
        }
    }

    @Test("bodies and messages on their way share a memory; who finds none is told to come again")
    func memory() throws {
        let service = try Service(["--body-memory", "96KiB", "--max-body", "64KiB", "--max-message", "64KiB"])
        let run = #"{"language":"bash","code":"echo hi"}"#
        let padding = String(repeating: " ", count: 60_000)
        func begin() throws -> LoopbackConnection {
            let wire = try LoopbackConnection(port: service.port)
            wire.send(
                "POST /api/v1/execute HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                    + "Content-Length: \(padding.utf8.count + run.utf8.count)\r\n\r\n\(padding)")
            usleep(200_000)
            return wire
        }
        let first = try begin()
        let second = try begin()
        let refused = try #require(second.answer())
        #expect(refused.status == 503 && refused.code == "OVERLOADED")
        let socket = try Socket(service)
        socket.wire.send(Socket.frame(0x01, [UInt8](repeating: 97, count: 60_000)))
        #expect(socket.closeCode() == 1013)
        first.send(run)
        #expect(first.answer()?.json["stdout"] as? String == "hi\n")
        let third = try begin()
        third.send(run)
        #expect(third.answer()?.status == 200)
    }

    @Test("one address alone cannot take all connections")
    func share() throws {
        let service = try Service(["--max-connections", "40"])
        let wires = try (0..<40).map { _ in try LoopbackConnection(port: service.port) }
        usleep(300_000)
        for wire in wires { wire.send("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") }
        #expect(wires.count { $0.answer(seconds: 2)?.status == 200 } == 10)
    }

    /// Processor time of a process so far.
    private static func ticks(_ pid: Int32) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        return (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)
    }
}
