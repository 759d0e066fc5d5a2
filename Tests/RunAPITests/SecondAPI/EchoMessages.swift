import APIFormat
import HTTPInterface
import StrictJSON
import WebSockets

/// What a second API may add to the first one's socket: messages that it answers with what they say.
struct EchoMessages: SocketExtension {
    struct Part: SocketPart {
        let host: SocketHost

        func handles(_ message: JSONObject) -> Bool { message["type"] == .string("echo") }

        func handle(_ message: JSONObject, _ group: inout DiscardingTaskGroup) async {
            let host = host
            let names = message.members.map(\.name).joined(separator: " ")
            group.addTask { _ = await host.send([Array("{\"type\":\"echo\",\"names\":\"\(names)\"}".utf8)]) }
        }

        func close() {}
    }

    let subprotocol = "echo.v1"

    func open(_ host: SocketHost) -> any SocketPart { Part(host: host) }

    func serve(_ request: SocketRequest) async {
        for await message in request.socket.messages {
            guard case .text(let text) = message else { return }
            try? await request.socket.send(text: "own: \(text)")
        }
    }
}
