internal import APIFormat
internal import Examples
internal import HTTPInterface
internal import HTTPTypes
internal import RunModel
internal import StrictJSON

/// Looking at examples, and running them.
struct ExampleRoutes: Sendable {
    /// Bytes of a request body: inputs, and a main file of a learner's own.
    static let maximumBody = 524_288

    let services: PlaygroundServices

    private struct Page: Encodable {
        let examples: [ExampleReport]
        let total: Int
        /// The id to ask for the next page with; nil on the last one.
        let next: String?

        private enum Key: String, CodingKey {
            case examples, total, next
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(examples, forKey: .examples)
            try container.encode(total, forKey: .total)
            try container.encode(next, forKey: .next)
        }
    }

    func list(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery(["language", "category", "difficulty", "q", "limit", "after"])
        let found = services.examples.library.examples(matching: try query(request))
        let limit = Int(try request.number("limit", in: 1...200, default: 100))
        var rest = found[...]
        if let after = request.query["after"] {
            guard let index = found.firstIndex(where: { $0.id == after }) else {
                throw InterfaceError.invalidParameter(
                    "after", found: after, allowed: "the id of an example of this list")
            }
            rest = found[(index + 1)...]
        }
        let page = rest.prefix(limit)
        let languages = services.languages
        return try CachedReply.json(
            Page(
                examples: page.map {
                    ExampleReport(example: $0, parts: .init(), reason: languages.reason($0.language))
                },
                total: found.count, next: rest.count > limit ? page.last?.id : nil), for: request)
    }

    private func query(_ request: RouteRequest) throws(InterfaceError) -> ExampleQuery {
        var query = ExampleQuery()
        if let text = request.query["language"] { query.language = services.language(text) }
        query.category = try choice("category", request)
        query.difficulty = try choice("difficulty", request)
        if let text = request.query["q"] {
            guard text.utf8.count <= ExampleQuery.maximumTextBytes else {
                throw .invalidParameter("q", found: text, allowed: "at most \(ExampleQuery.maximumTextBytes) bytes")
            }
            query.text = text
        }
        return query
    }

    private func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ request: RouteRequest
    ) throws(InterfaceError) -> Choice? {
        guard let text = request.query[name] else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        throw .invalidParameter(
            name, found: text, allowed: Choice.allCases.map(\.rawValue).joined(separator: ", "))
    }

    /// All of an example. The hints of an exercise come as they are asked for, and its solution only when it is.
    func show(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery(["hints", "solution"])
        let example = try services.example(request.parameter())
        let hints = try request.number("hints", in: 0...100, default: example.isExercise ? 0 : 100)
        var hasSolution = false
        if let text = request.query["solution"] {
            guard text == "true" || text == "false" else {
                throw InterfaceError.invalidParameter("solution", found: text, allowed: "true or false")
            }
            hasSolution = text == "true"
        }
        return try CachedReply.json(
            ExampleReport(
                example: example, parts: .init(hasProgram: true, hints: Int(hints), hasSolution: hasSolution),
                reason: services.languages.reason(example.language)), for: request)
    }

    /// Runs an example with inputs, or checks a learner's own program.
    func execute(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let example = try services.example(request.parameter())
        let bytes = try await request.jsonBody(limit: Self.maximumBody)
        let order = try await LongWork.run(bytes.count) { () throws(APIError) in
            try ExampleOrder.parse(bytes, limit: Self.maximumBody)
        }
        let runner = ExampleRunner(services: services)
        if order.isCheck {
            guard !example.checks.isEmpty else {
                throw APIError(.invalidRequest, "check: this example has no checks", details: ["check": "false"])
            }
            return try .json(try await runner.check(example, code: order.code, request))
        }
        let values = try ExampleInputs.values(order.inputs, of: example)
        let outcome = try await runner.run(example, example.submission(values: values, code: order.code), request)
        return try .json(ExampleResult(outcome, mode: order.mode))
    }
}
