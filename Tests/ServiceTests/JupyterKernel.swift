import Foundation
import TestSupport
import Testing

/// A kernel's channels as a client of the default protocol has them.
final class JupyterKernel {
    let id: String
    let name: String
    let socket: Socket

    /// - Parameter name: of the client, which it keeps when it comes back.
    init(_ service: Service, _ id: String, name: String = UUID().uuidString, query: String = "") throws {
        self.id = id
        self.name = name
        socket = try Socket(
            service, protocols: nil, path: "/api/kernels/\(id)/channels?session_id=\(name)\(query)")
        try #require(socket.isOpen, "\(socket.head)")
    }

    /// Makes a kernel, and waits until this client hears it.
    static func make(_ service: Service, _ body: [String: Any] = ["name": "python3"]) throws -> JupyterKernel {
        let answer = try service.post("/api/kernels", body)
        try #require(answer.status == 201, "\(answer.text)")
        let kernel = try JupyterKernel(service, try #require(answer.json["id"] as? String))
        try kernel.hear()
        return kernel
    }

    /// Asks who the kernel is, as clients do first: from then on nothing is missed.
    func hear() throws {
        let id = send("kernel_info_request", [:])
        try #require(until(id, "kernel_info_reply") != nil)
    }

    @discardableResult
    func send(_ type: String, _ content: [String: Any], channel: String = "shell") -> String {
        let id = UUID().uuidString
        socket.send([
            "channel": channel, "content": content, "parent_header": [String: Any](), "metadata": [String: Any](),
            "buffers": [Any](),
            "header": [
                "msg_id": id, "msg_type": type, "session": name, "username": "", "date": "", "version": "5.4",
            ],
        ])
        return id
    }

    struct Message {
        let channel: String
        let type: String
        let parent: String?
        let content: [String: Any]
    }

    func next(seconds: Double = 20) -> Message? {
        guard case .text(let object) = socket.next(seconds: seconds) else { return nil }
        return Message(
            channel: object["channel"] as? String ?? "", type: object["msg_type"] as? String ?? "",
            parent: (object["parent_header"] as? [String: Any])?["msg_id"] as? String,
            content: object["content"] as? [String: Any] ?? [:])
    }

    /// The messages about a request, up to its reply and `idle`; nil when the socket ends before.
    func until(_ id: String, _ reply: String, _ answer: (Message) -> Void = { _ in }) -> [Message]? {
        var found: [Message] = []
        var (isAnswered, isIdle) = (false, false)
        while !isAnswered || !isIdle {
            guard let message = next() else { return nil }
            guard message.parent == id else { continue }
            found.append(message)
            answer(message)
            if message.type == reply { isAnswered = true }
            if message.type == "status", message.content["execution_state"] as? String == "idle" { isIdle = true }
        }
        return found
    }

    func ask(_ type: String, _ content: [String: Any], channel: String = "shell") throws -> [String: Any] {
        let reply = String(type.dropLast("request".count)) + "reply"
        let found = try #require(until(send(type, content, channel: channel), reply))
        return try #require(found.first { $0.type == reply }).content
    }

    func execute(_ code: String, _ more: [String: Any] = [:]) throws -> [Message] {
        try #require(until(send("execute_request", ["code": code].merging(more) { $1 }), "execute_reply"))
    }
}

extension [JupyterKernel.Message] {
    /// Types, and of `status` its state.
    var types: [String] { map { $0.type == "status" ? $0.content["execution_state"] as? String ?? "" : $0.type } }

    func text(_ stream: String = "stdout") -> String {
        filter { $0.type == "stream" && $0.content["name"] as? String == stream }
            .map { $0.content["text"] as? String ?? "" }.joined()
    }

    var reply: [String: Any] { first { $0.type == "execute_reply" }?.content ?? [:] }

    var value: String? {
        (first { $0.type == "execute_result" }?.content["data"] as? [String: Any])?["text/plain"] as? String
    }
}
