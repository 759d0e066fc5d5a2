internal import LinuxSystem
internal import Synchronization

/// Sends spans to a collector, in batches. What it cannot send in time it drops, and counts; nothing waits for it. `run()` must be
/// running. Safe from any thread.
package final class TraceExporter: Sendable {
    /// An answer to one request.
    package struct Answer: Sendable {
        package let status: Int
        package let retryAfter: String?
        package let body: [UInt8]

        package init(status: Int, retryAfter: String? = nil, body: [UInt8] = []) {
            self.status = status
            self.retryAfter = retryAfter
            self.body = body
        }
    }

    package struct Bounds: Sendable {
        /// Spans that may wait, and those of one request.
        package var queue = 4096
        package var batch = 512
        /// How often there is a look at the queue.
        package var interval = Duration.seconds(2)
        /// For one request, from its connection to its answer.
        package var request = Duration.seconds(10)
        /// For a batch with all its attempts.
        package var total = Duration.seconds(60)
        /// The wait after a first failure; it doubles up to `longest`.
        package var pause = Duration.seconds(1)
        package var longest = Duration.seconds(20)
        /// For what is left when the service ends.
        package var farewell = Duration.seconds(3)

        package init() {}
    }

    /// What became of spans.
    package struct Totals: Sendable, Equatable {
        package var exported = 0
        /// Found no place in the queue.
        package var dropped = 0
        /// The collector did not want them.
        package var rejected = 0
        /// Could not be sent in time.
        package var failed = 0
        package var queued = 0
        /// Why the last request failed; nil when it did not.
        package var lastError: String?

        /// Nothing yet.
        package init() {}
    }

    private struct State {
        var queue: SpanQueue
        var totals = Totals()
    }

    private let bounds: Bounds
    private let resource: [(String, String)]
    private let version: String
    private let post: @Sendable ([UInt8]) async throws -> Answer
    private let report: @Sendable (String?) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - resource: what is said about this process.
    ///   - post: sends one body; may be cancelled.
    ///   - report: called when exports begin to fail, with why, and when they succeed again (nil).
    package init(
        bounds: Bounds = Bounds(), resource: [(String, String)], version: String,
        post: @escaping @Sendable ([UInt8]) async throws -> Answer,
        report: @escaping @Sendable (String?) -> Void = { _ in }
    ) {
        self.bounds = bounds
        self.resource = resource
        self.version = version
        self.post = post
        self.report = report
        state = Mutex(State(queue: SpanQueue(capacity: bounds.queue)))
    }

    /// A span is over. Never waits.
    package func add(_ span: FinishedSpan) { state.withLock { $0.queue.add(span) } }

    package var totals: Totals {
        state.withLock { state in
            var totals = state.totals
            totals.dropped = state.queue.dropped
            totals.queued = state.queue.count
            return totals
        }
    }

    /// Sends until the task is cancelled; then what is left, for a moment.
    package func run() async {
        while !Task.isCancelled {
            // A cancelled sleep: the loop ends by its condition.
            do { try await Task.sleep(for: bounds.interval) } catch { break }
            await drain(until: .now + bounds.total)
        }
        let bounds = bounds
        // The cancelled task could not send anything.
        await Task { await self.drain(until: .now + bounds.farewell) }.value
    }

    private func drain(until end: ContinuousClock.Instant) async {
        while true {
            let batch = state.withLock { $0.queue.take(bounds.batch) }
            guard !batch.isEmpty else { return }
            await send(batch, until: min(end, .now + bounds.total))
            guard ContinuousClock.now < end, !Task.isCancelled else { return }
        }
    }

    /// Sends one batch, again and again while that may help.
    private func send(_ batch: [FinishedSpan], until end: ContinuousClock.Instant) async {
        var pause = bounds.pause
        let body: [UInt8]
        do { body = try OTLPDocument(batch, resource: resource, version: version).bytes } catch {
            return failed(batch.count, "\(error)")
        }
        while true {
            var wait = pause
            switch await attempt(body, until: end) {
            case .success(.taken(let rejected, let message)):
                return taken(batch.count, rejected: min(rejected, batch.count), message)
            case .success(.refused(let reason)): return rejected(batch.count, reason)
            case .success(.later(let seconds)):
                if let seconds { wait = .seconds(seconds) }
                note("the collector asks to try again later")
            case .failure(let reason): note(reason.description)
            }
            // Others that were refused at the same moment come back at other moments.
            wait = wait * Double.random(in: 1...1.2)
            guard ContinuousClock.now + wait < end, !Task.isCancelled else { return failed(batch.count, nil) }
            do { try await Task.sleep(for: wait) } catch { return failed(batch.count, nil) }
            pause = min(pause * 2, bounds.longest)
        }
    }

    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private func attempt(
        _ body: [UInt8], until end: ContinuousClock.Instant
    ) async -> Result<CollectorAnswer, Failure> {
        let (post, limit) = (post, min(bounds.request, max(end - .now, .zero)))
        return await withTaskGroup(of: Result<CollectorAnswer, Failure>.self) { group in
            group.addTask {
                do {
                    let answer = try await post(body)
                    return .success(
                        CollectorAnswer(status: answer.status, retryAfter: answer.retryAfter, body: answer.body))
                } catch {
                    return .failure(Failure(description: "\(error)"))
                }
            }
            group.addTask {
                // A cancelled sleep: the other one was first.
                do { try await Task.sleep(for: limit) } catch {}
                return .failure(Failure(description: "the collector has not answered within \(limit)"))
            }
            let first = await group.next() ?? .failure(Failure(description: "nothing was sent"))
            group.cancelAll()
            return first
        }
    }

    // MARK: - Accounts

    private func taken(_ count: Int, rejected: Int, _ message: String) {
        state.withLock { state in
            state.totals.exported += count - rejected
            state.totals.rejected += rejected
        }
        note(rejected > 0 ? "the collector has rejected \(rejected) spans: \(message)" : nil)
    }

    private func rejected(_ count: Int, _ reason: String) {
        state.withLock { $0.totals.rejected += count }
        note("the collector refuses spans: \(reason)")
    }

    private func failed(_ count: Int, _ reason: String?) {
        state.withLock { $0.totals.failed += count }
        if let reason { note(reason) }
    }

    /// Reports changes only: a collector may be away for hours.
    private func note(_ error: String?) {
        let isNews = state.withLock { state in
            defer { state.totals.lastError = error }
            return (state.totals.lastError == nil) != (error == nil)
        }
        if isNews { report(error) }
    }
}
