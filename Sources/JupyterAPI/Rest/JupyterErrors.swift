internal import APIFormat
internal import HTTPInterface
internal import HTTPTypes
internal import Logging
internal import RunModel
internal import ServerTransport

/// Errors in the format of Jupyter's servers: `{"message", "reason"}`. `reason` has the code that the other APIs have.
struct JupyterErrors: ErrorRenderer {
    private let common: APIErrors

    init(logger: Logger) {
        common = APIErrors(logger: logger)
    }

    func reply(to error: any Error) -> Reply {
        let known: APIError
        switch error {
        case let error as APIError: known = error
        case let error as InterfaceError: known = APIError(error)
        default:
            // It logs what nobody has foreseen, and says so.
            var reply = common.reply(to: error)
            let text = APIError(.internalError, "an internal error; it has been logged")
            reply.body = Reply.bytes(Self.body(text), type: "application/json").body
            return reply
        }
        // Status and headers are those that the other APIs have.
        var reply = Reply.error(known)
        reply.body = Reply.bytes(Self.body(known), type: "application/json").body
        return reply
    }

    private static func body(_ error: APIError) -> [UInt8] {
        var output = JSONBytes(size: 256)
        output.open()
        output.key("message")
        output.string(error.message)
        output.key("reason")
        output.string(error.code.rawValue)
        output.close()
        return output.bytes
    }
}
