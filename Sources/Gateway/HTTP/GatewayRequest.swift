internal import AccessKeys
internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTPTypes
internal import RunModel
internal import RunService
internal import WebSockets

/// A request whose doors have been passed: who asks, for what, and over which connection.
struct GatewayRequest: Sendable {
    let request: Request
    let channel: any Channel
    let logger: Logger
    let parameters: [String]
    let query: [String: String]
    let caller: Caller
    /// What bodies share while they come.
    let memory: ByteBudget
    /// What joins the records of logs that are about this request.
    let id: String

    /// Where a run that this request submits comes from.
    var origin: RunOrigin { RunOrigin(address: caller.address, requestID: id) }

    /// The text of a parameter of the path.
    func parameter(_ index: Int = 0) -> String {
        parameters.indices.contains(index) ? parameters[index] : ""
    }

    /// The run id in the path. Whatever is no id is the id of no run.
    func runID() throws(APIError) -> RunID {
        guard let id = RunID(parameter()) else { throw APIError(.runNotFound, "there is no such run") }
        return id
    }

    /// Refuses names that no route knows; a typo must not mean nothing.
    func allowQuery(_ names: Set<String>) throws(APIError) {
        for name in query.keys.sorted() where !names.contains(name) {
            throw APIError(
                .invalidRequest, "unknown query parameter \"\(name.prefix(64))\"",
                details: [
                    "query.\(name.prefix(64))": names.isEmpty ? "no parameters" : names.sorted().joined(separator: ", ")
                ])
        }
    }

    /// A whole number of the query.
    func number(_ name: String, in range: ClosedRange<Int64>, default value: Int64) throws(APIError) -> Int64 {
        guard let text = query[name] else { return value }
        guard let number = Int64(text), range.contains(number), text == String(number) else {
            throw APIError(
                .invalidRequest, "query parameter \(name): found \"\(text.prefix(64))\"",
                details: ["query.\(name)": "a whole number, \(range.lowerBound) to \(range.upperBound)"])
        }
        return number
    }

    /// The body of a request that carries JSON.
    func jsonBody(limit: Int) async throws -> [UInt8] {
        try checkContentType()
        if let text = request.headers[.contentLength], let length = Int64(text), length > Int64(limit) {
            throw Self.tooLarge(limit)
        }
        let lease = ByteLease(memory)
        var bytes: [UInt8] = []
        for try await piece in request.body {
            guard bytes.count + piece.readableBytes <= limit else { throw Self.tooLarge(limit) }
            guard lease.resize(to: bytes.count + piece.readableBytes) else {
                throw APIError(.overloaded, "there is no memory for another body at this moment", retryable: true)
            }
            bytes += piece.readableBytesView
        }
        return bytes
    }

    private static func tooLarge(_ limit: Int) -> APIError {
        APIError(.bodyTooLarge, "the body is larger than \(limit) bytes", details: ["limit": String(limit)])
    }

    /// Only JSON in UTF-8, not compressed: a form or a text from a foreign page must not start anything.
    private func checkContentType() throws(APIError) {
        func refuse(_ what: String) -> APIError {
            APIError(.unsupportedMediaType, "\(what); send application/json in UTF-8, not compressed")
        }
        if let encoding = request.headers[.contentEncoding], encoding.lowercased() != "identity" {
            throw refuse("the body is encoded")
        }
        let types = request.headers[values: .contentType]
        guard types.count == 1, let type = types.first else { throw refuse("there is not exactly one Content-Type") }
        let parts = type.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" && $0 != "\"" } }
        guard parts.first == "application/json" else { throw refuse("the Content-Type is another one") }
        guard parts.dropFirst().allSatisfy({ $0 == "charset=utf-8" }) else {
            throw refuse("the Content-Type has other parameters than charset=utf-8")
        }
    }
}

/// Who asks.
struct Caller: Sendable {
    let owner: RunOwner
    /// Of the key; nil where none are asked for.
    let keyID: String?
    /// Whom limits count for.
    let bucket: String
    /// As logs show it.
    let address: String
    /// Runs at once that the key allows, if it says so.
    let concurrent: Int?

    /// Whom the running places are shared among: keys, or addresses where there are none.
    var client: RunClient { RunClient(bucket) }
}
