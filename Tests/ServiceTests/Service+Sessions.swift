import Foundation
import TestSupport
import Testing

extension Service {
    /// The settings of the service that tests of sessions share.
    static func forSessions() throws -> Service {
        try shared(["--rate-burst", "100000", "--rate-per-minute", "100000"])
    }

    /// Makes a session and returns its path.
    func makeSession(_ body: [String: Any] = ["language": "python"]) throws -> String {
        let answer = try request("POST", "/api/v1/sessions", body: Self.json(body))
        try #require(answer.status == 201, "\(answer.text)")
        let id = try #require(answer.json["session_id"] as? String)
        try #require(answer.headers["location"] == "/api/v1/sessions/\(id)")
        return "/api/v1/sessions/\(id)"
    }

    func get(_ path: String) throws -> Answer { try request("GET", path, body: nil as String?) }
    func delete(_ path: String) throws -> Answer { try request("DELETE", path, body: nil as String?) }

    func post(_ path: String, _ body: [String: Any], seconds: Double = 30) throws -> Answer {
        try request("POST", path, body: Self.json(body), seconds: seconds)
    }

    /// Executes a cell and waits for its outcome.
    func cell(_ session: String, _ code: String, _ more: [String: Any] = [:]) throws -> Answer {
        try post(session + "/execute", ["code": code].merging(more) { $1 })
    }
}

/// What a cell wrote, both streams together.
func outputs(_ answer: Answer) -> String {
    (answer.json["outputs"] as? [[String: Any]] ?? []).map { $0["data"] as? String ?? "" }.joined()
}

/// The `repr` of a cell's result.
func repr(_ answer: Answer) -> String? { (answer.json["result"] as? [String: Any])?["repr"] as? String }
