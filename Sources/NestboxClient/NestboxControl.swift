internal import Foundation
package import RunModel

/// A message to a running program.
public enum NestboxControl: Sendable {
    /// Bytes for its stdin, unchanged.
    case input([UInt8])
    /// The end of its input.
    case endOfInput
    /// 1 to 64.
    case signal(Int)
    /// Ends the run, whatever the program does.
    case cancel

    private struct Message: Encodable {
        var type: String
        var run_id: String
        var data: String?
        var encoding: String?
        var eof: Bool?
        var signal: Int?
    }

    /// The message of the API.
    package func message(for id: RunID) -> [UInt8] {
        var message = Message(type: "stdin", run_id: id.description)
        switch self {
        case .input(let bytes):
            message.data = Data(bytes).base64EncodedString()
            message.encoding = "base64"
        case .endOfInput: message.eof = true
        case .signal(let number):
            message.type = "signal"
            message.signal = number
        case .cancel: message.type = "cancel"
        }
        // Encoding values of known types into memory cannot fail.
        return (try? JSONText.encode(message)) ?? []
    }
}
