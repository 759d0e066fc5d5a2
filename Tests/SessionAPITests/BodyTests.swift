import RunModel
import SandboxSpec
import SessionModel
import StrictJSON
import Testing

@testable import SessionAPI

@Suite("Bodies and messages of sessions")
struct BodyTests {
    private func object(_ text: String) throws -> JSONObject {
        try ObjectReader.object(Array(text.utf8), limits: JSONLimits(bytes: 1 << 20))
    }

    /// The fields that are wrong, with what is said of them.
    private func mistakes(_ text: String, _ read: (ObjectReader) -> Void) throws -> [String: String] {
        let reader = ObjectReader(try object(text))
        read(reader)
        do throws(APIError) {
            try reader.finish()
            return [:]
        } catch {
            return error.details
        }
    }

    @Test("a session with everything that one may ask for")
    func session() throws {
        let reader = ObjectReader(
            try object(
                """
                {"language": "python", "policy": "p", "name": "n", "tags": ["a", "b"], "env": {"A": "1"},
                 "limits": {"memory": "1MiB", "processes": 8.0}, "network": "loopback", "on_disconnect": "close",
                 "session": {"idle": "5m", "cells": 7, "cell": {"cpu": "2s", "output": "1KiB"}, "on_limit": "kill"}}
                """))
        let body = SessionBody(reader)
        try reader.finish()
        #expect(body.request.language == "python" && body.request.policy == "p" && body.request.name == "n")
        #expect(body.request.tags == ["a", "b"] && body.request.environment == ["A": "1"])
        #expect(body.request.limits == ["memory": "1MiB", "processes": "8"])
        #expect(body.request.session == ["idle": "5m", "cells": "7", "cell.cpu": "2s", "cell.output": "1KiB"])
        #expect(body.request.onLimit == .kill && body.request.network?.access == .loopback)
        #expect(body.onDisconnect == .close)
    }

    @Test("what is wrong with a session is told by its path, all of it together")
    func wrongSession() throws {
        let found = try mistakes(
            """
            {"policy": "", "tags": ["", "a,b", 1], "session": {"life": [], "sell": {}, "cell": {"wall": true, "x": 1}},
             "on_disconnect": "x", "network": "all"}
            """
        ) { _ = SessionBody($0) }
        #expect(
            Set(found.keys) == [
                "language", "policy", "tags[2]", "tags[0]", "tags[1]", "session.life", "session.sell",
                "session.cell.wall",
                "session.cell.x", "on_disconnect", "network",
            ], "\(found)")
        #expect(found["session.sell"] == "is unknown, did you mean cells?")
        #expect(try mistakes("{}") { _ = SessionBody($0, language: "python") } == [:])
        let many = "{\"language\": \"x\", \"tags\": [\((0..<17).map { "\"t\($0)\"" }.joined(separator: ","))]}"
        #expect(try mistakes(many) { _ = SessionBody($0) }["tags"] == "has 17 elements, allowed are 16")
    }

    @Test("a cell with its limits, and what is wrong with one")
    func cell() throws {
        let reader = ObjectReader(
            try object(
                """
                {"code": "x", "silent": true, "stop_on_error": false, "limits": {"cpu": "1.5s", "output": "2KiB"},
                 "on_limit": "interrupt", "transaction_policy": "rollback_on_failure", "detach": true}
                """))
        let body = CellBody(reader, chooses: true)
        try reader.finish()
        #expect(body.cell.code == "x" && body.cell.silent && !body.cell.stopOnError)
        #expect(body.cell.limits == .init(cpu: 1_500_000_000, outputBytes: 2048))
        #expect(body.cell.onLimit == .interrupt && body.cell.transaction == .rollbackOnFailure)
        #expect(body.delivery == .detach)
        let found = try mistakes(
            #"{"limits": {"cpu": "5", "wall": 3, "disk": "1"}, "stream": true, "detach": true, "on_limit": "no"}"#
        ) { _ = CellBody($0, chooses: true) }
        #expect(
            Set(found.keys) == ["code", "limits.cpu", "limits.wall", "limits.disk", "detach", "on_limit"], "\(found)")
        // Only where there is a choice.
        #expect(
            try mistakes(#"{"code": "", "stream": true}"#) { _ = CellBody($0, chooses: false) }.keys.sorted() == [
                "stream"
            ])
        let long = "{\"code\": \"\(String(repeating: "x", count: CellRequest.maximumCodeBytes + 1))\"}"
        #expect(try mistakes(long) { _ = CellBody($0, chooses: true) }["code"]?.contains("allowed are 524288") == true)
    }

    @Test("names of checkpoints stand in paths", arguments: ["a", "A-1_b.c", String(repeating: "x", count: 64)])
    func checkpointNames(name: String) { #expect(CheckpointName.isValid(name)) }

    @Test("other names are refused", arguments: ["", ".", "..", "a/b", "a b", "é", String(repeating: "x", count: 65)])
    func wrongCheckpointNames(name: String) { #expect(!CheckpointName.isValid(name)) }

    @Test("cursors count code points and stay within the code")
    func queries() throws {
        func query(_ text: String, _ name: String) throws -> SessionQuery? {
            let reader = ObjectReader(try object(text))
            let query = reader.query(name)
            try reader.finish()
            return query
        }
        #expect(try query(#"{"code": "añ😀"}"#, "complete") == .complete(code: "añ😀", cursor: 3))
        #expect(
            try query(#"{"code": "ab", "cursor": 1, "detail": 1}"#, "inspect")
                == .inspect(code: "ab", cursor: 1, detail: 1))
        #expect(try query("{}", "variables") == .variables)
        #expect(throws: APIError.self) { try query(#"{"code": "ab", "cursor": 3}"#, "complete") }
        #expect(throws: APIError.self) { try query(#"{"code": "ab", "cursor": 1, "detail": 1}"#, "complete") }
    }

    @Test("which messages concern sessions, on a socket that carries runs, too")
    func concern() throws {
        let id = String(repeating: "0", count: 32)
        for text in [
            #"{"type": "create_session"}"#, #"{"type": "interrupt"}"#, #"{"type": "execute", "session_id": "\#(id)"}"#,
            #"{"type": "input_response", "session_id": "\#(id)"}"#,
        ] {
            #expect(try SessionMessage.concernsSession(object(text)), "\(text)")
        }
        for text in [
            #"{"type": "execute"}"#, #"{"type": "ping"}"#, #"{"type": "execute", "session_id": null}"#, "{}",
            #"{"type": ["create_session"]}"#,
        ] {
            #expect(try !SessionMessage.concernsSession(object(text)), "\(text)")
        }
    }

    @Test("a message without its session, with an unknown type or field, is refused with its ref")
    func wrongMessages() throws {
        func details(_ text: String, isPlain: Bool) throws -> (ref: String?, details: [String: String]) {
            let object = try object(text)
            do throws(SessionMessage.Failure) {
                _ = try SessionMessage.parse(object, isPlain: isPlain)
                return (nil, [:])
            } catch {
                return (error.ref, error.error.details)
            }
        }
        let missing = try details(#"{"type": "interrupt", "ref": "r"}"#, isPlain: false)
        #expect(missing.ref == "r" && missing.details.keys.sorted() == ["session_id"])
        #expect(try details(#"{"type": "interrupt"}"#, isPlain: true).details == [:])
        #expect(try details(#"{"type": "heartbeat"}"#, isPlain: true).details == [:])
        #expect(try details(#"{"type": "create_session", "language": "python"}"#, isPlain: true).details["type"] != nil)
        #expect(try details(#"{"type": "input_response", "data": "x"}"#, isPlain: true).details == [:])
        let input = try details(#"{"type": "input_response", "session_id": "x", "more": 1}"#, isPlain: false).details
        #expect(Set(input.keys) == ["session_id", "token", "data", "more"], "\(input)")
    }
}
