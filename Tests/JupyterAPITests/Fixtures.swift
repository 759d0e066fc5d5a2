import Foundation
import StrictJSON
import Testing

@testable import JupyterAPI

/// JSON as it is compared here: parsed again.
func json(_ bytes: [UInt8]) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
}

func bytes(_ value: [String: Any]) throws -> [UInt8] { Array(try JSONSerialization.data(withJSONObject: value)) }

let header = [
    "msg_id": "m1", "msg_type": "execute_request", "session": "s", "username": "", "version": "5.3",
]

let limits = JSONLimits(bytes: 65_536)

/// A message of a client, of any type.
func message(_ type: String, _ content: [String: Any], channel: String? = "shell") throws -> ClientMessage? {
    var message: [String: Any] = ["header": header.merging(["msg_type": type]) { $1 }, "content": content]
    message["channel"] = channel
    return try DefaultProtocol.decode(text: try bytes(message), limits: limits)
}
