internal import RunModel
internal import StrictJSON

/// Something that happened in a session.
public enum NestboxSessionEvent: Sendable, Equatable {
    /// `starting`, `idle`, `busy`, `waiting`, `interrupting`, `checkpointing`, `ended`.
    case state(String)
    /// Bytes that a cell wrote, to stdout or to stderr.
    case output([UInt8], isError: Bool)
    /// Something that a cell shows: media type to text, or base64 for binary types.
    case display([String: String])
    /// The value of a cell's last expression, as its language writes it.
    case result(execution: String, repr: String)
    /// An error that a cell did not handle.
    case error(execution: String, exception: String, message: String, traceback: [String])
    /// `ok`, `error`, `interrupted`, `limit`, `aborted`; with the limit's name.
    case finished(execution: String, status: String, limit: String?, seconds: Double)
    /// A cell waits for input; the prompt has been written already. What is typed for a password should not be shown.
    case inputRequest(token: String, prompt: String, isPassword: Bool)
    /// The session will end soon.
    case closing(reason: String, seconds: Double)
    /// The session has ended: the verdict, a line for people, and the exit status of an interpreter that ended by itself.
    case ended(verdict: String, reason: String, exitCode: Int32?)

    /// Nil for events that clients of this library need not know.
    init?(_ object: JSONObject) {
        func text(_ name: String) -> String {
            if case .string(let text)? = object[name] { text } else { "" }
        }
        func number(_ name: String) -> Double {
            if case .number(let number)? = object[name] { number.double ?? 0 } else { 0 }
        }
        let execution = text("execution_id")
        switch text("type") {
        case "state": self = .state(text("state"))
        case "output":
            let encoding = OutputText.Encoding(rawValue: text("encoding")) ?? .utf8
            let output = OutputText(data: text("data"), encoding: encoding)?.bytes ?? []
            self = .output(output, isError: text("stream") == "stderr")
        case "display":
            guard case .object(let data)? = object["data"] else { return nil }
            var items: [String: String] = [:]
            for (name, value) in data.members { if case .string(let text) = value { items[name] = text } }
            self = .display(items)
        case "result": self = .result(execution: execution, repr: text("repr"))
        case "error":
            var lines: [String] = []
            if case .array(let list)? = object["traceback"] {
                lines = list.compactMap { if case .string(let line) = $0 { line } else { nil } }
            }
            self = .error(
                execution: execution, exception: text("exception"), message: text("message"), traceback: lines)
        case "execution_finished":
            var limit: String?
            if case .object(let report)? = object["limit"], case .string(let name)? = report["name"] { limit = name }
            self = .finished(
                execution: execution, status: text("status"), limit: limit, seconds: number("execution_time"))
        case "input_request":
            self = .inputRequest(
                token: text("token"), prompt: text("prompt"), isPassword: object["password"] == .bool(true))
        case "closing": self = .closing(reason: text("reason"), seconds: number("in"))
        case "ended":
            let code = object["exit_code"] == nil ? nil : Int32(exactly: number("exit_code"))
            self = .ended(verdict: text("verdict"), reason: text("reason"), exitCode: code)
        default: return nil
        }
    }
}

extension NestboxError {
    /// The error that a message of the service is; nil for other messages, and for events.
    init?(message object: JSONObject) {
        guard object["type"] == .string("error"), object["seq"] == nil, case .string(let code)? = object["code"],
            case .string(let message)? = object["message"]
        else { return nil }
        var details: [String: String] = [:]
        if case .object(let found)? = object["details"] {
            for (name, value) in found.members { if case .string(let text) = value { details[name] = text } }
        }
        self.init(
            code: code, message: message, retryable: object["retryable"] == .bool(true), details: details)
    }
}
