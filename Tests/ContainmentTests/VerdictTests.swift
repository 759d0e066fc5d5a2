internal import Foundation
internal import SandboxSpec
internal import Testing

extension Containment {
    /// A program per verdict, in every shape that makes sense: one process, a tree of children, threads, a daemon.
    @Suite("Verdicts")
    struct Verdicts {
        /// One program and how it must end.
        struct Case: Sendable, CustomTestStringConvertible {
            let action: String
            let shape: String
            let verdict: Verdict
            var limits: [LimitName: Int64] = [:]
            /// The limit that must be named; nil when there is none.
            var hit: LimitName?
            var status: ProgramStatus?

            var testDescription: String { "\(verdict.rawValue): \(action), \(shape)" }

            static func each(
                _ action: String, _ shapes: [String], _ verdict: Verdict, _ limits: [LimitName: Int64] = [:],
                hit: LimitName? = nil, status: ProgramStatus? = nil
            ) -> [Case] {
                shapes.map {
                    Case(action: action, shape: $0, verdict: verdict, limits: limits, hit: hit, status: status)
                }
            }
        }

        private static let everyShape = ["single", "tree", "threads", "daemon"]

        private static let endings: [[Case]] = [
            Case.each("ok", everyShape, .ok, status: .exited(0)),
            Case.each("exit", everyShape, .nonzeroExit, status: .exited(3)),
            Case.each("segv", everyShape, .signaled, status: .signaled(11)),
            Case.each("abort", everyShape, .signaled, status: .signaled(6)),
            Case.each("foreign-abi", ["single", "tree", "threads"], .syscallDenied, status: .signaled(31)),
        ]

        private static let times: [[Case]] = [
            Case.each("spin", everyShape, .cpuLimit, [.cpu: 200 * Specs.millisecond], hit: .cpu),
            Case.each("relay", ["single", "tree", "daemon"], .cpuLimit, [.cpu: 200 * Specs.millisecond], hit: .cpu),
            Case.each("stubborn", ["single", "daemon"], .cpuLimit, [.cpu: 200 * Specs.millisecond], hit: .cpu),
            Case.each("sleep", everyShape, .wallLimit, [.wall: 250 * Specs.millisecond], hit: .wall),
            Case.each("spin", ["single"], .wallLimit, [.wall: 250 * Specs.millisecond], hit: .wall),
            Case.each("sleep", everyShape, .idleLimit, [.idle: 250 * Specs.millisecond], hit: .idle),
        ]

        private static let sizes: [[Case]] = [
            Case.each("memory", everyShape, .memoryLimit, [.memory: 48 << 20], hit: .memory),
            Case.each("output", everyShape, .outputLimit, [.output: 100_000], hit: .output),
            Case.each("errors", everyShape, .outputLimit, [.output: 100_000], hit: .output),
            Case.each("bytes", everyShape, .diskLimit, [.disk: 4 << 20], hit: .disk),
            Case.each("files", ["single", "tree", "daemon"], .diskLimit, [.inodes: 256], hit: .inodes),
            Case.each("file-size", ["single", "tree", "threads"], .diskLimit, [.fileSize: 1 << 20], hit: .fileSize),
        ]

        private static let all: [Case] = (endings + times + sizes).flatMap { $0 }

        @Test("a program per verdict", arguments: all)
        func verdict(of program: Case) async throws {
            let found = try await ProbeRun.run(["end", program.shape, program.action], .limits(program.limits))
            #expect(found.verdict == program.verdict, "\(program.testDescription) gave \(found.summary)")
            if let hit = program.hit {
                #expect(found.limit?.name == hit, "the wrong limit: \(found.summary)")
                if hit == program.limits.keys.first {
                    #expect(found.limit?.allowed == program.limits[hit], "the wrong allowance: \(found.summary)")
                }
                if ![.disk, .inodes, .fileSize].contains(hit) {
                    #expect(
                        found.limit.map { $0.used >= $0.allowed } ?? false,
                        "the use is below the limit: \(found.summary)")
                }
            }
            if let status = program.status {
                #expect(found.status == status, "\(program.testDescription) gave \(found.summary)")
            }
            #expect(WardenFamily(of: try await TestWarden.shared.pid).programs.isEmpty, "a process outlived the run")
        }

        @Test("cancelled, in every shape", arguments: ["single", "tree", "threads", "daemon"], ["sleep", "stubborn"])
        func cancelled(shape: String, action: String) async throws {
            let warden = try await TestWarden.shared
            var options = ProbeOptions()
            options.input = nil
            let sandbox = try await LiveSandbox(["end", shape, action], options, on: warden)
            try sandbox.start()
            let sees = await Host.eventually(within: 5) { !WardenFamily(of: warden.pid).programs.isEmpty }
            #expect(sees)
            let asked = Host.now
            sandbox.kill()
            let found = try await sandbox.finish()
            #expect(found.verdict == .cancelled, "gave \(found.summary)")
            #expect(Host.now - asked < 250 * Specs.millisecond, "took \((Host.now - asked) / Specs.millisecond) ms")
            #expect(WardenFamily(of: warden.pid).programs.isEmpty, "a process outlived the cancellation")
        }

        @Test("a parked sandbox that is given up is cancelled")
        func parkedIsCancelled() async throws {
            let warden = try await TestWarden.shared
            let sandbox = try await LiveSandbox(["true"], on: warden)
            sandbox.kill()
            let found = try await sandbox.finish()
            #expect(found.verdict == .cancelled, "gave \(found.summary)")
        }

        @Test("talking keeps the idle clock from running out")
        func talkativeIsNotIdle() async throws {
            let found = try await ProbeRun.run(["end", "single", "talk"], .limits([.idle: 200 * Specs.millisecond]))
            #expect(found.verdict == .ok, "gave \(found.summary)")
        }

        @Test("cpu overshoot is at most 20 ms", arguments: ["single", "tree", "threads", "daemon"])
        func cpuOvershoot(shape: String) async throws {
            for limit in [100, 400] as [Int64] {
                let allowed = limit * Specs.millisecond
                let over = try await Self.leastOvershoot {
                    let found = try await ProbeRun.run(["end", shape, "spin"], .limits([.cpu: allowed]))
                    #expect(found.verdict == .cpuLimit, "gave \(found.summary)")
                    #expect(found.usage.cpu >= allowed, "ended too early")
                    return found.usage.cpu - allowed
                }
                #expect(over <= Self.overshoot, "cpu limit \(limit) ms, \(shape): \(Double(over) / 1e6) ms over")
            }
        }

        @Test("wall overshoot is at most 20 ms", arguments: ["single", "tree", "threads", "daemon"])
        func wallOvershoot(shape: String) async throws {
            for limit in [100, 400] as [Int64] {
                let allowed = limit * Specs.millisecond
                let over = try await Self.leastOvershoot {
                    let found = try await ProbeRun.run(["end", shape, "sleep"], .limits([.wall: allowed]))
                    #expect(found.verdict == .wallLimit, "gave \(found.summary)")
                    #expect(found.usage.wall >= allowed, "ended too early")
                    // The warden's account, and what the client saw; the latter may begin late, never early.
                    return max(found.usage.wall, found.elapsed) - allowed
                }
                #expect(over <= Self.overshoot, "wall limit \(limit) ms, \(shape): \(Double(over) / 1e6) ms over")
            }
        }

        private static let overshoot = 20 * Specs.millisecond

        /// The least of up to five attempts: a machine that is busy elsewhere makes any one of them late, a limit that is
        /// looked at too seldom makes all of them late.
        private static func leastOvershoot(_ attempt: () async throws -> Int64) async throws -> Int64 {
            var least = Int64.max
            for _ in 0..<5 where least > overshoot { least = min(least, try await attempt()) }
            return least
        }

        @Test("a warning comes before the limit")
        func warning() async throws {
            let found = try await ProbeRun.run(["end", "single", "spin"], .limits([.cpu: 300 * Specs.millisecond]))
            #expect(found.warnings.contains { $0.name == .cpu && $0.used < $0.allowed }, "\(found.warnings)")
        }
    }
}
