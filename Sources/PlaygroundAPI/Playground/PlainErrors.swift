internal import APIFormat
internal import HTTPInterface
internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import RunModel

/// Errors in the plain dialect: `{"success": false, "error": text, "message": text, "retryable": boolean}`.
struct PlainErrors: ErrorRenderer {
    /// An error that has words and a status of its own here.
    struct Plain: Error {
        let fault: ExampleFault
        let status: Int
    }

    private let usual: APIErrors

    init(logger: Logger) {
        usual = APIErrors(logger: logger)
    }

    func reply(to error: any Error) -> Reply {
        if let plain = error as? Plain {
            return Self.reply(plain.fault, status: HTTPResponse.Status(code: plain.status))
        }
        // Status, headers and the log are those of every other route.
        let usual = usual.reply(to: error)
        let known = error as? APIError ?? (error as? InterfaceError).map { APIError($0) }
        let fault = known.map { ExampleFault($0) } ?? ExampleFault("An unexpected error occurred.", retryable: true)
        var reply = Self.reply(fault, status: usual.status)
        for field in usual.headers where reply.headers[field.name] == nil { reply.headers.append(field) }
        reply.errorCode = usual.errorCode
        return reply
    }

    private static func reply(_ fault: ExampleFault, status: HTTPResponse.Status) -> Reply {
        do {
            return try .json(PlainFailure(fault), status: status)
        } catch {
            return .text("internal error\n", status: .internalServerError)
        }
    }
}

/// The body of an answer that is an error and has no run.
struct PlainFailure: Encodable {
    private let success = false
    private let error: String
    private let message: String
    private let retryable: Bool
    private let details: String?

    init(_ fault: ExampleFault) {
        error = fault.message
        message = fault.message
        retryable = fault.retryable
        details = fault.details
    }
}
