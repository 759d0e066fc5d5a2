import EgressRules
import Foundation
import RunModel
import SandboxSpec
import TestSupport
import Testing

@testable import RunPlanning

/// A planner with a cache says what one without says, whatever has been asked before.
@Suite("Plans that are kept") struct PlanCacheTests {
    /// Requests of a few kinds, right and wrong ones, so that many are alike but for what is in their files.
    private struct Requests {
        var numbers: SeededGenerator

        mutating func one<Value>(_ values: [Value]) -> Value { values[numbers.below(values.count)] }
        mutating func some<Value>(_ values: [Value], upTo count: Int) -> [Value] {
            (0..<numbers.below(count + 1)).map { _ in one(values) }
        }
        mutating func rarely() -> Bool { numbers.below(6) == 0 }

        private static let names = [
            "main.py", "main.c", "lib.py", "a/b.py", "a", "é.txt", "e\u{301}.txt", ".local/lib", "../x", "x.c", "x.h",
            "", "Main.java", "b/Main.java", "main.py/x",
        ]
        private static let environments: [[String: String]] = [
            [:], [:], [:], ["A": "1"], ["A": "é"], ["A": "e\u{301}"], ["PYTHONPATH": "/box"], ["OMP_NUM_THREADS": "1"],
            ["1A": "x"], ["TERM": "dumb"], ["A": "\0"], ["A": String(repeating: "x", count: 5000)],
        ]
        private static let limits: [[String: String]] = [
            [:], [:], [:], ["cpu": "1s"], ["cpu": "1000ms"], ["wall": "2s", "memory": "64MiB"], ["memory": "63MiB"],
            ["disk": "64KiB"], ["output": "2KiB"], ["cpu": "9d"], ["cpuu": "1s"], ["cpu": "x"], ["cpus": "0.5"],
        ]

        /// Changes what the files contain.
        mutating func fill(_ submission: inout Submission) {
            func bytes(_ numbers: inout SeededGenerator) -> [UInt8] {
                let large = numbers.below(12) == 0
                return [UInt8](
                    repeating: UInt8(numbers.below(256)), count: numbers.below(large ? 200_000 : 20))
            }
            if submission.request.code != nil { submission.request.code = bytes(&numbers) }
            for index in submission.request.files.indices {
                submission.request.files[index].content = bytes(&numbers)
                submission.request.files[index].executable = numbers.below(2) == 0
            }
        }

        mutating func next() -> Submission {
            var request = RunRequest(
                language: one([
                    "python", "python", "py", "Python", "c", "c", "cpp", "java", "node", "bash", "lua", "klingon",
                    "python@3.11", "rust", "go", "prolog",
                ]))
            request.policy = rarely() ? one(["default", "python", "c", "nothing"]) : nil
            request.code = rarely() ? nil : []
            request.files = (rarely() ? some(Self.names, upTo: 4) : []).map { RunRequest.File(path: $0, content: []) }
            request.main = rarely() ? one(Self.names) : nil
            request.compilerOptions = rarely() ? some(["-O2", "-g", "-std=c11", "-x"], upTo: 2) : []
            request.arguments = rarely() ? some(["a", "b", "é", "e\u{301}", "\0"], upTo: 3) : []
            request.environment = rarely() ? one(Self.environments) : [:]
            request.limits = rarely() ? one(Self.limits) : [:]
            request.network = rarely() ? one([NetworkRequest(.none), NetworkRequest(.loopback)]) : nil
            request.artifacts = rarely() ? some(["*.png", "/box/x", "../x", "out/**"], upTo: 2) : nil
            request.buffering = rarely() ? .full : .line
            request.check = rarely() ? .syntax : nil
            var submission = Submission(request)
            submission.terminal =
                rarely() ? TerminalSize(rows: UInt16(1 + numbers.below(2)), columns: UInt16(1 + numbers.below(2))) : nil
            if numbers.below(40) == 0 { submission.errors.note("stdin", "is wrong") }
            return submission
        }
    }

    private func outcome(_ planner: RunPlanner, _ submission: Submission, _ id: RunID) -> Result<RunPlan, APIError> {
        Result { () throws(APIError) in try planner.bind(try planner.check(submission, runID: id).run) }
    }

    @Test("thousands of requests are planned as without a cache, and fail as without one", arguments: [1, 2])
    func sameAsWithout(seed: Int) throws {
        let cache = PlanCache()
        let (plain, caching) = (try Shipped.planner(), try Shipped.planner(cache))
        var requests = Requests(numbers: SeededGenerator(seed: UInt64(seed)))
        var known: [Submission] = []
        var (hits, failures) = (0, 0)
        for _ in 0..<2500 {
            let again = !known.isEmpty && requests.numbers.below(2) == 0
            var submission = again ? requests.one(known) : requests.next()
            requests.fill(&submission)
            if let key = PlanKey(submission.request, terminal: submission.terminal), cache.find(key) != nil {
                hits += 1
            }
            let id = RunID(using: &requests.numbers)
            let expected = outcome(plain, submission, id)
            #expect(outcome(caching, submission, id) == expected)
            let rules = { (planner: RunPlanner) throws(APIError) in try planner.check(submission).settings }
            if case .success = expected {
                let (one, other) = (try rules(plain), try rules(caching))
                #expect(one.image == other.image && one.policy == other.policy)
                #expect(one.limits == other.limits && one.network == other.network)
            } else {
                failures += 1
            }
            known.append(submission)
        }
        // Neither side of the comparison is empty.
        #expect(hits > 500 && failures > 300)
    }

    @Test("every field of a request but the contents of its files is in its key")
    func key() throws {
        var whole = RunRequest(language: "a", code: [1], files: [.init(path: "f", content: [2])])
        #expect(
            Set(Mirror(reflecting: whole).children.compactMap(\.label)) == [
                "language", "policy", "code", "files", "main", "compilerOptions", "arguments", "environment", "limits",
                "network", "artifacts", "buffering", "check",
            ])
        let usual = try #require(PlanKey(whole, terminal: nil))
        whole.code = [3, 4]
        whole.files = [.init(path: "f", content: [5], executable: true)]
        #expect(PlanKey(whole, terminal: nil) == usual)
        let changes: [(inout RunRequest) -> Void] = [
            { $0.language = "b" }, { $0.policy = "" }, { $0.code = nil }, { $0.files = [] }, { $0.main = "" },
            { $0.files[0].path = "g" }, { $0.compilerOptions = [""] }, { $0.arguments = [""] },
            { $0.arguments = ["", ""] }, { $0.environment = ["": ""] }, { $0.limits = ["": ""] },
            { $0.network = NetworkRequest(.none) }, { $0.network = NetworkRequest(.loopback) },
            { $0.network = NetworkRequest(.egress, hosts: [EgressRule("a.example.org:443")].compactMap(\.self)) },
            { $0.artifacts = [] },
            { $0.buffering = .full }, { $0.check = .syntax }, { $0.arguments = ["é"] }, { $0.arguments = ["e\u{301}"] },
        ]
        var keys: Set<PlanKey> = [usual]
        for change in changes {
            var request = whole
            change(&request)
            #expect(keys.insert(try #require(PlanKey(request, terminal: nil))).inserted)
        }
        #expect(keys.insert(try #require(PlanKey(whole, terminal: TerminalSize(rows: 1, columns: 2)))).inserted)
        #expect(keys.insert(try #require(PlanKey(whole, terminal: TerminalSize(rows: 2, columns: 1)))).inserted)
    }

    @Test("it is bounded in number and in bytes, and leaves out what is long")
    func bounds() throws {
        var bounds = PlanCache.Bounds()
        bounds.count = 4
        let cache = PlanCache(bounds: bounds)
        let planner = try Shipped.planner(cache)
        for number in 0..<20 {
            var request = RunRequest(language: "python", code: [])
            request.arguments = ["\(number)"]
            _ = try planner.check(request)
        }
        #expect(cache.count == 4)
        var long = RunRequest(language: "python", code: [])
        long.arguments = [String(repeating: "x", count: PlanKey.maximumBytes)]
        #expect(PlanKey(long, terminal: nil) == nil)
        _ = try planner.check(long)
        #expect(cache.count == 4)
        bounds.bytes = 10
        let small = PlanCache(bounds: bounds)
        _ = try Shipped.planner(small).check(RunRequest(language: "python", code: []))
        #expect(small.count == 0)
    }
}
