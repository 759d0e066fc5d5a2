import Foundation
import Images
import RunModel
import SandboxSpec
import Testing

@testable import RunPlanning

/// What another machine is sent is what was planned; what was not planned so is not taken.
@Suite("Portable runs as JSON") struct PortableRunCodingTests {
    /// One of every shipped image, in every way that a request can ask for it.
    private func runs() throws -> [PortableRun] {
        let planner = try Shipped.planner()
        var runs: [PortableRun] = []
        for image in Shipped.images {
            var request = RunRequest(language: image.name, code: [0, 0xff, 0x0a])
            runs.append(try planner.check(request).run)
            request.files = [.init(path: "é/b", content: Array("é".utf8), executable: true)]
            request.arguments = ["a b", ""]
            request.environment = ["A": "é\n"]
            request.artifacts = ["*.png"]
            runs.append(try planner.check(request, terminal: TerminalSize(rows: 3, columns: 7)).run)
            request.check = .syntax
            if let run = try? planner.check(request).run { runs.append(run) }
        }
        return runs
    }

    private func decode(_ tree: Any) throws -> PortableRun {
        try JSONDecoder().decode(PortableRun.self, from: JSONSerialization.data(withJSONObject: tree))
    }

    @Test("what is written is read as it was")
    func roundTrip() throws {
        let runs = try runs()
        #expect(runs.count > 100)
        for run in runs {
            let back = try JSONDecoder().decode(PortableRun.self, from: JSONEncoder().encode(run))
            #expect(back == run)
        }
        // All kinds of them were among these.
        let kinds = runs.flatMap(\.steps).map { step in
            switch step.rules.preparation {
            case .none: "none"
            case .boot: "boot"
            case .fork: "fork"
            }
        }
        #expect(Set(kinds) == ["none", "boot", "fork"])
        #expect(runs.contains { $0.syntax != nil } && runs.contains { $0.aids.isLookOnly })
        #expect(runs.contains { $0.steps.count == 2 } && runs.contains { $0.steps.first?.rules.terminal != nil })
    }

    /// Every tree that differs from this one in one place, with the path to it.
    private func changed(
        _ tree: Any, at path: String = "", _ change: (Any) -> [Any]
    ) -> [(path: String, tree: Any)] {
        var all = change(tree).map { (path: path, tree: $0) }
        if let object = tree as? [String: Any] {
            for (key, value) in object {
                for (path, inner) in changed(value, at: "\(path).\(key)", change) {
                    var copy = object
                    copy[key] = inner
                    all.append((path, copy))
                }
            }
        } else if let list = tree as? [Any] {
            for (index, value) in list.enumerated().prefix(3) {
                for (path, inner) in changed(value, at: "\(path)[\(index)]", change) {
                    var copy = list
                    copy[index] = inner
                    all.append((path, copy))
                }
            }
        }
        return all
    }

    /// Few enough to be changed everywhere, and all there is to be seen in them.
    private func trees() throws -> [Any] {
        try runs().filter { ["python", "c", "node"].contains($0.image) }.map {
            try JSONSerialization.jsonObject(with: JSONEncoder().encode($0))
        }
    }

    @Test("an unknown key, a missing one, and a number out of range are errors wherever they are")
    func strict() throws {
        var count = 0
        for tree in try trees() {
            let unknown = changed(tree) { value in
                guard var object = value as? [String: Any] else { return [] }
                object["unknown"] = 1
                return [object]
            }
            let missing = changed(tree) { value in
                guard let object = value as? [String: Any] else { return [] }
                // Some may be missing; a run without them is another run.
                return object.keys.filter { !["terminal", "syntax", "language"].contains($0) }.map { key in
                    object.filter { $0.key != key }
                }
            }
            let numbers = changed(tree) { value in
                guard let number = value as? NSNumber, !isBoolean(number) else { return [] }
                return [-1, 1 << 62, 0.5]
            }
            for (path, tree) in unknown + missing + numbers {
                count += 1
                #expect(throws: DecodingError.self, "\(path)") { try decode(tree) }
            }
        }
        #expect(count > 1000)
    }

    private func isBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }

    @Test("texts that no planner writes are errors")
    func texts() throws {
        let tree = try #require(try trees().first as? [String: Any])
        let wrong: [(String, Any)] = [
            ("run_id", "00"), ("image", ""), ("image", String(repeating: "x", count: 65)), ("version", 2),
            ("steps", []),
            ("files", [["path": "../x", "content": "", "executable": false]]),
            ("files", [["path": "/x", "content": "", "executable": false]]),
            ("files", [["path": "x", "content": "?", "executable": false]]),
            ("files", Array(repeating: ["path": "x", "content": "", "executable": false], count: 2)),
            ("signs", ["\0"]), ("signs", [String](repeating: "x", count: 65)),
            ("hints", [[String: Any]](repeating: ["kind": "a", "signs": ["b"], "text": "c"], count: 17)),
            ("look_only", 1),
        ]
        for (key, value) in wrong {
            var copy = tree
            copy[key] = value
            #expect(throws: (any Error).self, "\(key)") { try decode(copy) }
        }
        let steps = try #require(tree["steps"] as? [[String: Any]])
        let inner: [(String, String, Any)] = [
            ("rules", "network", "internet"), ("rules", "syscalls", ["write", "read"]),
            ("rules", "syscalls", ["read", "read"]), ("rules", "syscalls", ["read()"]),
            ("rules", "preparation", ["kind": "boot"]), ("rules", "preparation", ["kind": "none", "script": "x"]),
            ("rules", "preparation", ["kind": "other"]), ("job", "arguments", [""]), ("job", "arguments", [String]()),
            ("job", "arguments", ["a\0"]), ("job", "environment", [String](repeating: "A=", count: 513)),
            ("job", "environment", ["A=" + String(repeating: "x", count: 49_152)]),
        ]
        for (part, key, value) in inner {
            var step = steps[0]
            var object = try #require(step[part] as? [String: Any])
            object[key] = value
            step[part] = object
            var copy = tree
            copy["steps"] = [step]
            #expect(throws: (any Error).self, "\(part).\(key)") { try decode(copy) }
        }
        var copy = tree
        copy["steps"] = steps + steps
        #expect(throws: DecodingError.self) { try decode(copy) }
    }
}
