import Foundation
import Logging
import ServiceLifecycle
import Testing

@testable import Daemon

@Suite("The end of a group of services")
struct GroupRunTests {
    private struct Broken: Error, Equatable {}

    /// Ends in order when it is told to.
    private struct Polite: Service {
        func run() async throws { try await gracefulShutdown() }
    }

    /// Listens to nobody.
    private struct Deaf: Service {
        func run() async throws {
            await withCheckedContinuation { (waiting: CheckedContinuation<Void, Never>) in
                // Far beyond the timeout of any test, and yet an end.
                DispatchQueue.global().asyncAfter(deadline: .now() + 900) { waiting.resume() }
            }
        }
    }

    private struct Failing: Service {
        func run() async throws { throw Broken() }
    }

    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private let signals = AsyncStream.makeStream(of: Void.self)

    /// How it ended, and after how long.
    private func run(
        _ services: [any Service], timeout: Duration = .seconds(600), failureGrace: Duration = .seconds(600)
    ) async -> (error: (any Error)?, time: Duration) {
        let start = ContinuousClock.now
        var failure: (any Error)?
        do {
            try await GroupRun(timeout: timeout, failureGrace: failureGrace)
                .run(services, stopping: signals.stream, logger: logger)
        } catch {
            failure = error
        }
        return (failure, ContinuousClock.now - start)
    }

    @Test("told to stop: in order, when all obey")
    func stops() async {
        signals.continuation.yield()
        let end = await run([Polite(), Polite()])
        #expect(end.error == nil)
    }

    @Test("told to stop, and one does not: given up in time")
    func deaf() async {
        signals.continuation.yield()
        let end = await run([Polite(), Deaf()], timeout: .milliseconds(200))
        #expect(end.error is GroupRun.Overdue)
        #expect("\(end.error.map { "\($0)" } ?? "")".contains("given up"))
        // Not when the deaf service ends: never.
        #expect(end.time < .seconds(600))
    }

    @Test("told twice: at once")
    func hurried() async {
        signals.continuation.yield()
        signals.continuation.yield()
        let end = await run([Deaf()])
        guard case GroupRun.Overdue.hurried? = end.error else {
            Issue.record("it ended with \(String(describing: end.error))")
            return
        }
    }

    @Test("one fails: the others end, and a deaf one keeps nobody from ending")
    func fails() async {
        let quick = await run([Polite(), Failing()])
        #expect(quick.error is Broken)
        let slow = await run([Deaf(), Failing()], failureGrace: .milliseconds(200))
        #expect(slow.error is Broken)
        #expect(slow.time < .seconds(60))
    }
}
