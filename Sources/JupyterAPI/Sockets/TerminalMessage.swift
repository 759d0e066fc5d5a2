internal import RunModel
internal import SandboxSpec
internal import SessionModel
internal import StrictJSON

/// A message of a client to its terminal: a list whose first element says what it is.
enum TerminalMessage: Sendable, Equatable {
    case input([UInt8])
    case resize(TerminalSize)
    /// Of no interest here.
    case ignored

    /// - Throws: what is wrong with it.
    init(_ bytes: [UInt8], limit: Int) throws(MessageError) {
        let value: JSONValue
        do {
            value = try JSONValue.parse(bytes, limits: JSONLimits(bytes: limit))
        } catch {
            throw MessageError("the message is no valid JSON: \(error)")
        }
        guard case .array(let parts) = value, case .string(let kind)? = parts.first else {
            throw MessageError("a message is a list whose first element is a string")
        }
        switch kind {
        case "stdin":
            guard parts.count == 2, case .string(let text) = parts[1] else {
                throw MessageError("stdin has one string behind it")
            }
            self = .input(Array(text.utf8))
        case "set_size":
            func number(_ index: Int) -> UInt16? {
                guard index < parts.count, case .number(let number) = parts[index], let value = number.whole,
                    (1...4096).contains(value)
                else { return nil }
                return UInt16(value)
            }
            guard let rows = number(1), let columns = number(2) else {
                throw MessageError("set_size has rows and columns behind it, 1 to 4096")
            }
            self = .resize(TerminalSize(rows: rows, columns: columns))
        default: self = .ignored
        }
    }

    static let setup = Array(#"["setup",{}]"#.utf8)
    static let disconnect = Array(#"["disconnect",1]"#.utf8)

    static func output(_ text: String) -> [UInt8] {
        var output = JSONBytes(size: text.utf8.count + 32)
        output.array(["stdout", text]) { $0.string($1) }
        return output.bytes
    }
}
