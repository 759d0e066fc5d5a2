internal import APIFormat
internal import ConfigurationFiles
internal import Examples
internal import HTTPInterface
internal import LinuxSystem
internal import Policies
internal import RunModel
internal import RunPlanning
internal import RunService
internal import SandboxSpec
internal import ServerTransport
internal import Synchronization

/// Runs examples as every other run is run: admission, queue and limits are those of the service.
struct ExampleRunner: Sendable {
    /// What a run of an example may take, where the policy's ceiling is not lower: 60 s, and 5 MiB of output.
    static let wall: Int64 = 60_000_000_000
    static let output: Int64 = 5_242_880
    /// The same of one of several checks, which come one after the other.
    static let checkWall: Int64 = 10_000_000_000
    /// The most events that an outcome keeps.
    static let maximumEvents = 200

    let services: PlaygroundServices

    /// A run under way, with all its events to come.
    struct Started: Sendable {
        let example: Example
        let record: RunRecord
        let subscription: Subscription
        let attachment: RunAttachment

        /// The client has gone.
        func release() {
            subscription.cancel()
            attachment.release()
        }
    }

    /// Submits a run of an example.
    ///
    /// - Throws: that the caller runs too many examples, or what is wrong with the submission, or that there is no place.
    func start(
        _ example: Example, _ submission: Submission, _ request: RouteRequest, wall: Int64 = Self.wall
    ) async throws -> Started {
        let decision = services.limiter.take(request.caller.bucket, now: monotonicNow())
        guard decision.isAllowed else { throw InterfaceError.rateLimited(decision) }
        let record = try await services.runs.submit(
            try limited(submission, wall: wall), owner: request.caller.owner,
            client: RunClient(request.caller.bucket),
            origin: RunOrigin(address: request.caller.address, requestID: request.id),
            concurrent: request.caller.concurrent, isConnected: true)
        return Started(
            example: example, record: record, subscription: record.log.subscribe(lossless: true),
            attachment: RunAttachment(record, services.runs))
    }

    /// Runs an example to its end, or until the client goes.
    func run(
        _ example: Example, _ submission: Submission, _ request: RouteRequest, wall: Int64 = Self.wall
    ) async throws -> ExampleOutcome {
        let started = try await start(example, submission, request, wall: wall)
        var builder = ExampleOutcome.Builder(started)
        var outcome: ExampleOutcome?
        await request.presence.watching(onGone: { started.release() }) {
            while outcome == nil {
                switch await started.subscription.next() {
                case .ended: return
                case .quiet, .lagged: continue
                case .events(let events): for event in events { outcome = builder.add(event) ?? outcome }
                }
            }
        }
        guard let outcome else { throw APIError(.internalError, "the run ended without a result", retryable: true) }
        return outcome
    }

    /// Runs all checks of an example, one after the other, until one cannot be run.
    func check(_ example: Example, code: String?, _ request: RouteRequest) async throws -> CheckResults {
        var results: [CheckResults.Result] = []
        for check in example.checks {
            let outcome = try await run(
                example, example.submission(for: check, code: code), request, wall: Self.checkWall)
            results.append(CheckResults.Result(check, outcome))
            // Nothing else would come of the others.
            if outcome.result.outcome.verdict == .compileError { break }
        }
        return CheckResults(id: example.id, results: results, count: example.checks.count)
    }

    /// The limits of examples, as far as the policy allows them.
    private func limited(_ submission: Submission, wall: Int64) throws(APIError) -> Submission {
        let policy = try services.runs.catalog.planner.settings(language: submission.request.language).policy
        var submission = submission
        for (name, wanted) in [(LimitName.wall, wall), (.output, Self.output)] {
            submission.request.limits[name.rawValue] = LimitText.format(min(wanted, policy.ceiling[name]), of: name)
        }
        return submission
    }
}

extension Caller {
    /// The owner of the caller's runs: the key, or one common owner where no keys are required.
    var owner: RunOwner { keyID.map { RunOwner($0) } ?? .anyone }
}
