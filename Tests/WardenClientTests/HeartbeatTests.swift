internal import SandboxSpec
internal import Testing
internal import WardenProtocol

@testable import WardenClient

@Suite("Heartbeat")
struct HeartbeatTests {
    private static let start = ContinuousClock.now

    private static func at(_ seconds: Double) -> ContinuousClock.Instant {
        start + .milliseconds(Int64(seconds * 1000))
    }

    private func heartbeat() -> Heartbeat {
        Heartbeat(interval: .seconds(2), timeout: .seconds(10), startedAt: Self.start)
    }

    @Test("asks every two seconds while it is answered")
    func answered() {
        var heartbeat = heartbeat()
        #expect(heartbeat.deadline == Self.at(2))
        #expect(heartbeat.tick(at: Self.at(1)) == .nothing)
        for round in 1...5 {
            let now = Double(round * 2)
            #expect(heartbeat.tick(at: Self.at(now)) == .ask)
            #expect(heartbeat.tick(at: Self.at(now + 0.5)) == .nothing, "one question at a time")
            heartbeat.heard()
        }
    }

    @Test("gives up after ten seconds of silence, not before")
    func silent() {
        var heartbeat = heartbeat()
        #expect(heartbeat.tick(at: Self.at(2)) == .ask)
        #expect(heartbeat.deadline == Self.at(12))
        #expect(heartbeat.tick(at: Self.at(11.9)) == .nothing)
        #expect(heartbeat.tick(at: Self.at(12.1)) == .giveUp)
    }

    @Test("a late word counts")
    func late() {
        var heartbeat = heartbeat()
        _ = heartbeat.tick(at: Self.at(2))
        heartbeat.heard()
        #expect(heartbeat.tick(at: Self.at(12.1)) == .ask)
    }

    @Test("whoever stood still itself gives the warden its time anew, but not for ever")
    func stoodStill() {
        var heartbeat = heartbeat()
        var now = 2.0
        #expect(heartbeat.tick(at: Self.at(now)) == .ask)
        for _ in 0..<3 {
            now += 60
            #expect(heartbeat.tick(at: Self.at(now)) == .nothing)
        }
        #expect(heartbeat.tick(at: Self.at(now + 5)) == .nothing)
        #expect(heartbeat.tick(at: Self.at(now + 60)) == .giveUp)
    }

    @Test(
        "a warden that answers says its numbers; one that falls silent is given up, and everybody is told",
        .onThreadAndReactor)
    func connection() async throws {
        var deadlines = WardenDeadlines()
        deadlines.inquiry = .milliseconds(20)
        deadlines.answer = .seconds(2)
        try await FakeWarden.run(deadlines: deadlines) { warden in
            try warden.greet()
            _ = try warden.park()
            var counts = WardenStatus()
            counts.quarantined = 7
            for _ in 0..<3 {
                guard let received = try warden.receiveAny() else { return }
                #expect(received.request == .inquire)
                // A client that has had to wait on a busy machine may be gone.
                do { try warden.send(.status(counts)) } catch { return }
            }
            // From now on it says nothing, and goes on living until its client has had enough.
            while try warden.receiveAny() != nil {}
        } body: { connection in
            let handle = try await connection.makeSandbox(Values.spec())
            #expect(await handle.finished().failure?.object.contains("has not answered") == true)
            #expect(await connection.terminated() == .silent(after: .seconds(2)))
            #expect(connection.status?.value.quarantined == 7)
        }
    }
}
