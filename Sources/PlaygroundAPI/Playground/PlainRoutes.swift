internal import APIFormat
internal import Examples
internal import HTTPInterface
internal import HTTPTypes
internal import RunModel
internal import StrictJSON

/// The plain dialect: a list without pages, one request to run an example, progress as server-sent events.
struct PlainRoutes: Sendable {
    static let maximumBody = 524_288

    let services: PlaygroundServices

    private struct List: Encodable {
        let examples: [ExampleReport]
    }

    func list(_ request: RouteRequest) throws -> Reply {
        let languages = services.languages
        return try CachedReply.json(
            List(
                examples: services.examples.library.examples.map {
                    ExampleReport(example: $0, parts: .init(), reason: languages.reason($0.language))
                }), for: request)
    }

    func show(_ request: RouteRequest) throws -> Reply {
        guard let example = services.examples.library.example(request.parameter()) else {
            throw PlainErrors.Plain(fault: ExampleFault("Example not found", retryable: false), status: 404)
        }
        let hints = example.isExercise ? 0 : example.hints.count
        return try CachedReply.json(
            ExampleReport(
                example: example, parts: .init(hasProgram: true, hints: hints),
                reason: services.languages.reason(example.language)), for: request)
    }

    /// What the body asks for. Members that are not known are left alone, as this dialect always did.
    private struct Order: Sendable {
        let example: String?
        let inputs: JSONObject
        let mode: ExampleMode

        static func parse(_ bytes: [UInt8]) throws(APIError) -> Order {
            let reader = try ObjectReader.parse(bytes, limits: JSONLimits(bytes: PlainRoutes.maximumBody))
            let order = Order(
                example: reader.string("exampleId", maximumBytes: 64), inputs: ExampleOrder.inputs(reader),
                mode: .read(reader))
            try reader.finish(refusesUnknown: false)
            return order
        }
    }

    func execute(_ request: RouteRequest) async throws -> Reply {
        let order = try await order(request)
        let (example, submission) = try find(order)
        if Self.wantsEvents(request) { return try await progress(of: example, submission, order.mode, request) }
        return try await result(of: example, submission, order.mode, request)
    }

    private func order(_ request: RouteRequest) async throws -> Order {
        let bytes = try await request.jsonBody(limit: Self.maximumBody)
        return try await LongWork.run(bytes.count) { () throws(APIError) in try Order.parse(bytes) }
    }

    private func find(_ order: Order) throws -> (Example, Submission) {
        guard let id = order.example, !id.isEmpty else {
            throw PlainErrors.Plain(fault: ExampleFault("Example ID is required", retryable: false), status: 400)
        }
        guard let example = services.examples.library.example(id) else {
            let fault = ExampleFault("Example file not found. Please try another example.", retryable: false)
            throw PlainErrors.Plain(fault: fault, status: 404)
        }
        return (example, example.submission(values: try ExampleInputs.values(order.inputs, of: example)))
    }

    // Inlined into `execute`, it makes the optimizer of Swift 6.3 crash (CoroSplit).
    @inline(never)
    private func progress(
        of example: Example, _ submission: Submission, _ mode: ExampleMode, _ request: RouteRequest
    ) async throws -> Reply {
        let run = try await ExampleRunner(services: services).start(example, submission, request)
        return ExampleProgress(run, mode: mode, presence: request.presence, streams: services.streams).reply
    }

    private func result(
        of example: Example, _ submission: Submission, _ mode: ExampleMode, _ request: RouteRequest
    ) async throws -> Reply {
        let outcome = try await ExampleRunner(services: services).run(example, submission, request)
        return try .json(PlainResult(outcome, mode: mode), status: outcome.isSuccess ? .ok : .internalServerError)
    }

    /// Whether the client asks for server-sent events.
    private static func wantsEvents(_ request: RouteRequest) -> Bool {
        request.headers[values: .accept].contains { list in
            list.lowercased().split(separator: ",").contains {
                $0.split(separator: ";").first?.filter { $0 != " " } == "text/event-stream"
            }
        }
    }
}

/// The answer of the plain dialect to a run, and the last message of its progress.
struct PlainResult: Encodable {
    let outcome: ExampleOutcome
    let mode: ExampleMode
    /// The `status` of the message; nil in an answer.
    let status: String?

    init(_ outcome: ExampleOutcome, mode: ExampleMode, isMessage: Bool = false) {
        self.outcome = outcome
        self.mode = mode
        status = isMessage ? (outcome.isSuccess ? "completed" : "failed") : nil
    }

    private enum Key: String, CodingKey {
        case status, success, output, executionTimeMs, metadata, error, message, retryable, details
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encodeIfPresent(status, forKey: .status)
        try container.encode(outcome.isSuccess, forKey: .success)
        try container.encode(outcome.output(mode), forKey: .output)
        try container.encode(Int64(outcome.milliseconds.rounded()), forKey: .executionTimeMs)
        try container.encode(ExampleMetadata(outcome: outcome, mode: mode), forKey: .metadata)
        guard let fault = ExampleFault(outcome) else { return }
        try container.encode(fault.message, forKey: .error)
        try container.encode(fault.message, forKey: .message)
        try container.encode(fault.retryable, forKey: .retryable)
        try container.encodeIfPresent(fault.details, forKey: .details)
    }
}
