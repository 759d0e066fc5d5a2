import Foundation
import Images
import Policies
import RunModel
import RunPlanning
import SandboxPool
import SandboxSpec
import TestSupport
import Testing

/// From a request for a session to its sandbox.
@Suite("Plans of sessions") struct SessionPlanTests {
    private static let driver = Array("import os\n".utf8)
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func planner(
        warm: String = "{mode: fork, language: python, preload: [json]}", environment: String = "{}",
        policy: String = "fork", openFiles: Int = 256, session: String = "{}", driver: [UInt8] = driver
    ) throws -> RunPlanner {
        for name in ["toy", "mute"] {
            let block =
                "session: {driver: session.py, run: [python3, session.py], warm: \(warm), env: \(environment)}"
            try directory.write(
                """
                version: 1
                name: \(name)
                root: {host: true}
                check: {code: x, stdout: y}
                file: main.py
                run: [python3, main.py]
                env: {PYTHONUTF8: "1"}
                \(name == "toy" ? block : "")

                """, to: "\(name)/image.yaml")
        }
        try directory.write(driver, to: "toy/session.py")
        let policies = try PolicySet.parse(policies: [
            (
                file: "toy.yaml",
                text: """
                version: 1
                name: toy
                limits: {cpu: 5s, wall: 15s, idle: 10s, memory: 256MiB, processes: 64, output: 1MiB, disk: 1MiB,
                  inodes: 512, file_size: 1MiB, open_files: \(openFiles), cpus: 1.0}
                ceiling: {memory: 512MiB}
                warn_at: 80%
                network: none
                syscalls: {allow: [read, write, exit_group]}
                pool: {min: 0, max: 4, warm: \(policy)}
                session: \(session)
                """
            )
        ])
        return RunPlanner(images: try ImageLibrary(directory: directory.path), policies: policies) {
            (_) throws(ImageError) in .host
        }
    }

    private func request(_ change: (inout SessionRequest) -> Void = { _ in }) -> SessionRequest {
        var request = SessionRequest(language: "toy", policy: "toy")
        change(&request)
        return request
    }

    @Test func aPlanHasAChannelTheDriverAndTheTimesOfItsPolicy() throws {
        let plan = try planner(environment: "{GREETING: hi}", session: "{life: 2h, cpu: 30m}").session(request())
        #expect(plan.spec.hasChannel && plan.spec.root == .host && plan.image == "toy" && plan.policy == "toy")
        #expect(plan.job.arguments == ["python3", "session.py"])
        #expect(plan.job.environment.contains("GREETING=hi") && plan.job.environment.contains("PYTHONUTF8=1"))
        #expect(
            plan.job.files == [InlineFile(path: try BoxPath("session.py"), content: Self.driver, executable: false)])
        // A minute longer than a session lives, so that whoever looks after it comes first.
        #expect(plan.spec.limits[.wall] == 7_260_000_000_000 && plan.spec.limits[.idle] == 7_260_000_000_000)
        #expect(plan.spec.limits[.cpu] == 1_800_000_000_000 && plan.spec.limits[.memory] == 256 << 20)
        #expect(plan.times == nil && plan.limits.life == 7_200_000_000_000 && plan.limits.onLimit == .interrupt)
        guard case .fork(.python, let interpreter) = plan.spec.preparation else {
            Issue.record("\(plan.spec.preparation)")
            return
        }
        #expect(interpreter.script == "session.py" && interpreter.command == ["python3", "session.py"])
        #expect(interpreter.modules == ["json"] && !interpreter.environment.contains("GREETING=hi"))
    }

    @Test func whatARequestAsksForLowersThePolicy() throws {
        let planner = try planner()
        let plain = try planner.session(request())
        let plan = try planner.session(
            request {
                $0.session = [
                    "idle": "1m", "life": "10m", "cpu": "20s", "cells": "5", "cell.wall": "3s", "cell.output": "1KiB",
                ]
                $0.onLimit = .kill
            })
        #expect(plan.limits.idle == 60_000_000_000 && plan.limits.cells == 5 && plan.limits.cell.outputBytes == 1024)
        #expect(plan.limits.cell.cpu == 10_000_000_000 && plan.limits.onLimit == .kill)
        // The same parked sandboxes serve both; the times come with the job.
        #expect(plan.spec == plain.spec)
        #expect(plan.times?.wall == 660_000_000_000 && plan.times?.cpu == 20_000_000_000)
        let lower = try planner.session(request { $0.session = ["life": "30s", "cpu": "1s"] }).limits
        #expect(lower.idle == 30_000_000_000 && lower.cell.wall == 30_000_000_000 && lower.cell.cpu == 1_000_000_000)
        let larger = try planner.session(request { $0.limits = ["memory": "512MiB"] })
        #expect(larger.spec.limits[.memory] == 512 << 20)
    }

    @Test func aDriverIsStartedAheadForWhoeverHasNoWishesOfItsStart() throws {
        let planner = try planner()
        let plan = try planner.session(request())
        let opening = try #require(plan.opening)
        #expect(opening.job == plan.job)
        // Room for the time it is parked; never more than any sandbox may have.
        #expect(opening.times.wall == plan.spec.limits[.wall] + 1_800_000_000_000)
        #expect(opening.times.idle == opening.times.wall && opening.times.cpu == plan.spec.limits[.cpu])
        let shorter = try planner.session(request { $0.session = ["life": "10m", "idle": "1m", "cell.cpu": "1s"] })
        #expect(shorter.opening == opening)
        // Variables are in the driver's environment, and its processor time is limited, from its start.
        #expect(try planner.session(request { $0.environment = ["GREETING": "x"] }).opening == nil)
        #expect(try planner.session(request { $0.session = ["cpu": "20s"] }).opening == nil)
    }

    @Test func preparationGoesAsFarAsForRuns() throws {
        func kind(_ plan: SessionPlan) -> String {
            switch plan.spec.preparation {
            case .none: "none"
            case .boot: "boot"
            case .fork: "fork"
            }
        }
        #expect(try kind(planner(policy: "boot").session(request())) == "boot")
        #expect(try kind(planner(policy: "none").session(request())) == "none")
        #expect(try kind(planner(warm: "{mode: boot}").session(request())) == "boot")
        #expect(try kind(planner(warm: "{mode: none}").session(request())) == "none")
        #expect(try kind(planner(environment: "{PYTHONPATH: /x}").session(request())) == "boot")
        #expect(try kind(planner().session(request { $0.environment = ["PYTHONPATH": "/x"] })) == "none")
        #expect(try kind(planner().session(request { $0.environment = ["GREETING": "x"] })) == "fork")
    }

    @Test func everyErrorIsToldAtItsField() throws {
        let error = try #require(throws: APIError.self) {
            try planner().session(
                request {
                    $0.name = ""
                    $0.tags = ["ok", "a\nb"]
                    $0.environment = ["1A": "x"]
                    $0.limits = ["memory": "1GiB", "wall": "5s", "output": "1KiB"]
                    $0.session = ["idle": "9h", "life": "25h", "cells": "x", "cell.cpu": "11s", "cel.wall": "1s"]
                })
        }
        let expected = [
            "name": "allowed 1 to 128 bytes", "tags[1]": "allowed 1 to 128 bytes", "env.1A": "is no name",
            "limits.memory": "512MiB", "limits.wall": "session.life and session.cell.wall",
            "limits.output": "session.cell.output", "session.life": "allowed 1s to 23h",
            "session.cells": "found \"x\"", "session.cel.wall": "did you mean \"cell.wall\"",
        ]
        for (field, words) in expected {
            #expect(error.details[field]?.contains(words) == true, "\(field): \(error.details[field] ?? "nothing")")
        }
        let second = try #require(throws: APIError.self) {
            try planner().session(request { $0.session = ["idle": "9h", "cell.cpu": "11s"] })
        }
        #expect(second.code == .invalidLimit)
        #expect(second.details["session.idle"] == "found 9h, allowed 1s to 10m, what policy \"toy\" gives")
        #expect(second.details["session.cell.cpu"] == "found 11s, allowed 1ms to 10s, what policy \"toy\" gives")
        let third = try #require(throws: APIError.self) {
            try planner().session(request { $0.session = ["idle": "2m", "life": "1m"] })
        }
        #expect(third.details["session.idle"] == "found 2m, allowed at most 1m, which is session.life")
    }

    @Test func aLanguageWithoutSessionsSaysWhichHaveSome() throws {
        let error = try #require(throws: APIError.self) { try planner().session(request { $0.language = "mute" }) }
        #expect(
            error.message == "language is mute, which has no sessions; these have: toy" && error.code == .invalidRequest
        )
        let unknown = try #require(throws: APIError.self) { try planner().session(request { $0.language = "nope" }) }
        #expect(unknown.code == .unknownLanguage)
    }

    @Test func aChannelNeedsDescriptors() throws {
        let few = try #require(throws: APIError.self) { try planner(openFiles: 127).session(request()) }
        #expect(few.details["limits.open_files"] == "found 127, allowed at least 128 in a session")
        #expect(try planner(openFiles: 128).session(request()).spec.limits[.openFiles] == 128)
    }

    @Test func theDriverAndTheEnvironmentFitIntoOneMessage() throws {
        let planner = try planner(driver: [UInt8](repeating: 10, count: SessionRecipe.maximumBytes))
        let plan = try planner.session(request { $0.environment = ["A": String(repeating: "x", count: 6000)] })
        #expect(plan.job.hasRoom(for: plan.job.files))
        let error = try #require(throws: APIError.self) {
            try planner.session(request { $0.environment = ["A": String(repeating: "x", count: 9000)] })
        }
        #expect(error.details["env"]?.contains("beside the driver of toy") == true)
    }

    @Test func limitsOfACellStayWithinThoseOfItsSession() throws {
        let session = SessionLimits.usual
        let cell = try RunPlanner.cellLimits(["wall": "5s", "output": "10B"], within: session)
        #expect(cell == CellLimits(cpu: session.cell.cpu, wall: 5_000_000_000, outputBytes: 10))
        #expect(try RunPlanner.cellLimits([:], within: session) == session.cell)
        let error = try #require(throws: APIError.self) {
            try RunPlanner.cellLimits(["cpu": "11s", "memory": "1GiB", "wall": "x"], within: session)
        }
        #expect(error.code == .invalidLimit)
        #expect(error.details["limits.cpu"] == "found 11s, allowed 1ms to 10s, what the session has")
        #expect(error.details["limits.memory"]?.hasPrefix("is no limit, allowed are cpu, wall, output") == true)
        #expect(error.details["limits.wall"]?.contains("found \"x\"") == true)
    }

    @Test func sessionsHavePoolsOfTheirOwn() throws {
        let planner = try planner(session: "{pool: {min: 1, max: 3}}")
        let settings = try planner.settings(language: "toy", policy: "toy")
        let pools = try planner.pools(for: settings.image, under: settings.policy)
        #expect(pools.map(\.step) == [.run, .session])
        #expect(pools[1].size.minimum == 1 && pools[1].size.maximum == 3)
        // What is parked is what a session without wishes asks for.
        #expect(try pools[1].spec == planner.session(request()).spec)
        let mute = try planner.settings(language: "mute", policy: "toy")
        #expect(try planner.pools(for: mute.image, under: mute.policy).map(\.step) == [.run])
    }
}
