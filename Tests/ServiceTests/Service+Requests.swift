import Foundation
import TestSupport

typealias Answer = LoopbackConnection.Answer

extension Service {
    func request(
        _ method: String, _ path: String, body: String? = nil, headers: [String] = [], seconds: Double = 30
    ) throws -> Answer {
        try request(method, path, body: body.map { Array($0.utf8) }, headers: headers, seconds: seconds)
    }

    /// Asks with a body that may be no text.
    func request(
        _ method: String, _ path: String, body: [UInt8]?, headers: [String] = [], seconds: Double = 30
    ) throws -> Answer {
        let wire = try LoopbackConnection(port: port)
        var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close"] + headers
        if let body {
            lines += ["Content-Type: application/json", "Content-Length: \(body.count)"]
        }
        wire.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (body ?? []))
        guard let answer = wire.answer(seconds: seconds, toHead: method == "HEAD") else {
            throw Failed(description: "\(method) \(path) was not answered")
        }
        return answer
    }

    /// Runs a program and waits for its result.
    func execute(_ language: String, _ code: String, _ more: [String: Any] = [:]) throws -> Answer {
        try request(
            "POST", "/api/v1/execute", body: Self.json(["language": language, "code": code].merging(more) { $1 }))
    }

    static func json(_ value: [String: Any]) -> String {
        String(decoding: (try? JSONSerialization.data(withJSONObject: value)) ?? Data(), as: UTF8.self)
    }

    /// Asks again and again until it is as it should be, at most for 15 seconds.
    func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
        try blockingEventually(within: .seconds(15), every: .milliseconds(50), condition)
    }
}
