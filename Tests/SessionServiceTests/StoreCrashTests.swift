import Foundation
import Glibc
import RunModel
import SessionExecution
import SessionModel
import SessionService
import TestSupport
import Testing

/// A service that is killed while it saves: what is there afterwards is the old state or the new one, whole.
@Suite(.serialized) struct StoreCrashTests {
    private static let variable = "NESTBOX_STORE_VICTIM"
    /// This test itself, in another process.
    private static let filter = "StoreCrashTests/whatIsThereAfterAKill"

    @Test func whatIsThereAfterAKill() async throws {
        if let folder = ProcessInfo.processInfo.environment[Self.variable] { return try await Self.save(in: folder) }
        let rounds = await withTaskGroup(of: Int.self) { group in
            for seed in 0..<4 {
                group.addTask {
                    var numbers = SeededGenerator(seed: UInt64(seed))
                    var count = 0
                    for _ in 0..<13 {
                        do {
                            try await Self.kill(after: UInt32(numbers.below(60_000)))
                            count += 1
                        } catch {
                            Issue.record(error)
                        }
                    }
                    return count
                }
            }
            return await group.reduce(0, +)
        }
        #expect(rounds == 52)
    }

    /// The victim: saves a session again and again, and says when each state is safe.
    private static func save(in folder: String) async throws {
        let store = try SessionStore(directory: folder, bounds: .init(perOwner: 4), report: { _ in })
        let fixture = try ServiceFixture(store: store)
        let session = try fixture.create()
        _ = try await session.execute(CellRequest(code: "files"))
        for number in 1...100_000 {
            _ = try await session.execute(CellRequest(code: "\(number)"))
            try await session.save(as: "n\(number)")
            let line = Array("\(number)\n".utf8)
            // Whoever listens is gone, too.
            guard write(3, line, line.count) == line.count else { return }
        }
    }

    private struct Silent: Error {}

    /// One round: microseconds after the first state is safe, the victim is killed.
    private static func kill(after time: UInt32) async throws {
        let folder = NSTemporaryDirectory() + "/nestbox-crash-\(UInt64.random(in: .min ... .max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        var ends: [Int32] = [-1, -1]
        pipe(&ends)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let victim = try Child(
            [
                "env", "\(variable)=\(folder)", "sh", "-c", "exec \"$@\" >/dev/null 2>&1", "sh", executable,
                "--testing-library", "swift-testing", "--filter", filter,
            ], descriptors: [ends[1]])
        close(ends[1])
        defer { close(ends[0]) }
        var told: [UInt8] = []
        func listen() -> Bool {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = read(ends[0], &buffer, buffer.count)
            told += buffer.prefix(max(count, 0))
            return count > 0
        }
        guard listen() else { throw Silent() }
        try await Task.sleep(for: .microseconds(Int(time)))
        Glibc.kill(victim.pid, SIGKILL)
        while listen() {}
        victim.wait()
        let lines = String(decoding: told, as: UTF8.self).split(separator: "\n")
        let last = try #require(lines.last.flatMap { Int($0) })

        let store = try SessionStore(
            directory: folder, bounds: .init(perOwner: 4), report: { Issue.record("\($0)") })
        let fixture = try ServiceFixture(store: store)
        let stored = fixture.service.listStored(owner: ServiceFixture.ada)
        let id = try #require(stored.first.flatMap { SessionID($0.id) })
        // The archive is checked by its digest as the session is resumed.
        let session = try await fixture.service.resume(id, owner: ServiceFixture.ada)
        _ = try await session.execute(CellRequest(code: "more"))
        let name = session.history.compactMap { if case .restored(let name, _) = $0.event.kind { name } else { nil } }
        #expect(stored.count == 1 && (name == ["n\(last)"] || name == ["n\(last + 1)"]), "\(name), told \(last)")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(names.count == 2, "\(names)")
        session.close()
        _ = await session.ended()
    }
}
