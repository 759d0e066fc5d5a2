import Images
import RunModel
import RunPlanning
import RunTestSupport
import SandboxSpec
import Testing

@testable import RunExecution

@Suite("The key of a compile step")
struct CompileKeyTests {
    private typealias Change = @Sendable (inout RunPlan) throws -> Void

    private func key(_ plan: RunPlan, scope: String = "somebody", stamp: [UInt8] = [1]) -> ContentDigest {
        CompileKey.digest(of: plan.steps[0], files: plan.files, scope: scope, stamp: stamp)
    }

    private static let changes: [String: Change] = [
        "root": { $0.steps[0].spec.root = .tree("/roots/two") },
        "host root": { $0.steps[0].spec.root = .host },
        "system call": { $0.steps[0].spec.syscalls = ["read"] },
        "spelling of system calls": { $0.steps[0].spec.syscalls = ["readwrite"] },
        "network": { $0.steps[0].spec.network = .loopback },
        "warning": { $0.steps[0].spec.warnAt = 81 },
        "terminal": { $0.steps[0].spec.terminal = TerminalSize(rows: 1, columns: 2) },
        "channel": { $0.steps[0].spec.hasChannel = true },
        "observed": { $0.steps[0].spec.isObserved = true },
        "other terminal": { $0.steps[0].spec.terminal = TerminalSize(rows: 2, columns: 1) },
        "boot": { $0.steps[0].spec.preparation = .boot(try interpreter()) },
        "fork": { $0.steps[0].spec.preparation = .fork(.python, try interpreter()) },
        "fork of another": { $0.steps[0].spec.preparation = .fork(.ruby, try interpreter()) },
        "command of the interpreter": { $0.steps[0].spec.preparation = .boot(try interpreter(command: ["q"])) },
        "environment of the interpreter": { $0.steps[0].spec.preparation = .boot(try interpreter(variable: "A=2")) },
        "script": { $0.steps[0].spec.preparation = .boot(try interpreter(script: "t")) },
        "module": { $0.steps[0].spec.preparation = .boot(try interpreter(module: "n")) },
        "file of the job": { $0.steps[0].job.files = [try inline("a")] },
        "path of a file of the job": { $0.steps[0].job.files = [try inline("b")] },
        "content of a file of the job": { $0.steps[0].job.files = [try inline("a", content: [2])] },
        "bit of a file of the job": { $0.steps[0].job.files = [try inline("a", executable: true)] },
        "argument": { $0.steps[0].job.arguments = ["cc", "-O3"] },
        "one argument less": { $0.steps[0].job.arguments = ["cc"] },
        "arguments in one": { $0.steps[0].job.arguments = ["cc-O2"] },
        "argument as variable": {
            $0.steps[0].job.arguments = ["cc"]
            $0.steps[0].job.environment = ["-O2", "LANG=C"]
        },
        "variable": { $0.steps[0].job.environment = ["LANG=D"] },
        "pattern": { $0.steps[0].job.artifacts.patterns = ["*"] },
        "count": { $0.steps[0].job.artifacts.maximumCount += 1 },
        "bytes": { $0.steps[0].job.artifacts.maximumBytes += 1 },
        "depth": { $0.steps[0].job.artifacts.maximumDepth += 1 },
        "name of the step": { $0.steps[0].name = .run },
        "content": { $0.files[0].content[0] ^= 1 },
        "more content": { $0.files[0].content.append(0) },
        "large content": { $0.files[0].content = [UInt8](repeating: 1, count: 10_000) },
        "other large content": { $0.files[0].content = [UInt8](repeating: 1, count: 9_999) + [2] },
        "path": { $0.files[0].path = try BoxPath("main.C") },
        "executable bit": { $0.files[0].executable = true },
        "no files": { $0.files = [] },
        "another file": {
            $0.files.append(RunPlan.File(path: try BoxPath("b"), content: [], executable: false))
        },
        "two files in one": {
            $0.files[0].content += Array("b".utf8)
        },
    ]

    private static func interpreter(
        command: [String] = ["p"], variable: String = "A=1", script: String = "s", module: String = "m"
    ) throws -> Interpreter {
        try Interpreter(command: command, environment: [variable], script: script, modules: [module])
    }

    private static func inline(
        _ path: String, content: [UInt8] = [1], executable: Bool = false
    ) throws -> InlineFile {
        InlineFile(path: try BoxPath(path), content: content, executable: executable)
    }

    @Test("Each ingredient makes another key, and no two of them the same")
    func ingredients() throws {
        var keys = ["nothing": key(try CompileFixture.plan())]
        for (name, change) in Self.changes {
            var plan = try CompileFixture.plan()
            try change(&plan)
            keys[name] = key(plan)
        }
        for limit in LimitName.allCases {
            var plan = try CompileFixture.plan()
            let limits = plan.steps[0].spec.limits
            plan.steps[0].spec.limits = try limits.setting(limit, to: limits[limit] - 1)
            keys["limit \(limit)"] = key(plan)
            plan = try CompileFixture.plan()
            plan.steps[0].limits = try limits.setting(limit, to: limits[limit] - 1)
            keys["limit of the job \(limit)"] = key(plan)
        }
        let plan = try CompileFixture.plan()
        keys["scope"] = key(plan, scope: "somebody else")
        keys["stamp"] = key(plan, stamp: [2])
        keys["no stamp"] = key(plan, stamp: [])
        #expect(keys.count == 1 + Self.changes.count + 2 * LimitName.allCases.count + 3)
        let same = Dictionary(grouping: keys) { $0.value }.values.filter { $0.count > 1 }.map { $0.map(\.key) }
        #expect(same.isEmpty, "\(same)")
    }

    @Test("The same step has the same key, whatever runs afterwards and however the run is called")
    func same() throws {
        let plan = try CompileFixture.plan()
        #expect(key(plan) == key(try CompileFixture.plan()))
        #expect(key(plan) == key(try CompileFixture.plan(run: ["./main", "other"])))
    }

    @Test("No part of the key is forgotten: whoever adds a field adds it to CompileKey, and then counts it here")
    func fields() throws {
        let step = try CompileFixture.plan().steps[0]
        // Without `egress`: that is of programs alone, and no compile step has it (`SandboxRules`).
        #expect(Mirror(reflecting: step).children.count == 5 && step.egress == nil)
        #expect(Mirror(reflecting: step.spec).children.count == 10)
        #expect(Mirror(reflecting: try Self.interpreter()).children.count == 4)
        #expect(Mirror(reflecting: step.spec.limits).children.count == 1)
        #expect(Mirror(reflecting: step.job).children.count == 4)
        #expect(Mirror(reflecting: try Self.inline("a")).children.count == 3)
        #expect(Mirror(reflecting: step.job.artifacts).children.count == 4)
    }
}
