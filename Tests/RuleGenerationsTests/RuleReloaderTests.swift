import Foundation
import Glibc
import Images
import Policies
import RuleGenerations
import RunModel
import RunPlanning
import SandboxPool
import SandboxSpec
import Synchronization
import TestSupport
import Testing

/// What the actions of a reloader answer, and which were taken.
final class Probe: Sendable {
    /// What the trial answers.
    let verdict = Mutex<[String]>([])
    let steps = Mutex<[String]>([])
}

/// A catalog of one small image over files of its own, and what a reloader did with it.
final class ReloadFixture: Sendable {
    let directory: TemporaryDirectory
    let catalog: RunCatalog
    let history: GenerationHistory
    let probe = Probe()
    let reloader: RuleReloader

    init(state: String = "state") throws {
        directory = try TemporaryDirectory()
        let path = directory.path
        if state != "state" { try directory.write("no directory", to: state) }
        try directory.write(SmallPolicy.yaml("default", isDefault: true), to: "policies/default.yaml")
        try directory.write(Self.policy(cpu: "5s"), to: "policies/toy.yaml")
        try directory.write(
            "version: 1\nname: toy\nroot: {host: true}\nfile: main\nrun: [sh, main]\ncheck: {code: x, stdout: y}\n",
            to: "images/toy/image.yaml")
        let files = ConfigurationSnapshot.read(images: [path + "/images"], policies: [path + "/policies"])
        catalog = try RunCatalog(
            images: path + "/images", policies: path + "/policies", store: ImageStore(state: path + "/state"))
        history = GenerationHistory(state: path + "/" + state)
        let probe = probe
        reloader = RuleReloader(
            catalog: catalog, history: history, start: files,
            actions: RuleReloader.Actions(
                trial: { policies, _ in
                    probe.steps.withLock { $0.append("try " + policies.map(\.name).joined(separator: " ")) }
                    return probe.verdict.withLock { $0 }
                },
                warm: { _ in probe.steps.withLock { $0.append("warm") } },
                configure: { _ in probe.steps.withLock { $0.append("configure") } },
                report: { _, _ in }))
    }

    static func policy(cpu: String, more: String = "") -> String {
        "version: 1\nname: toy\nextends: default\nimage: toy\nlimits: {cpu: \(cpu)}\n" + more
    }

    func cpu() throws -> Int64 { try catalog.planner.settings(language: "toy").limits[.cpu] }

    /// Runs the reloader beside a body.
    func running(_ body: () async throws -> Void) async throws {
        let reloader = reloader
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await reloader.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }

    /// Waits until the service has looked at a change by itself.
    func settled(_ condition: @escaping @Sendable (ReloadStatus) -> Bool) async -> ReloadStatus {
        let reloader = reloader
        _ = await eventually { condition(reloader.status) }
        return reloader.status
    }
}

@Suite("Files that change while the service runs", .timeLimit(.minutes(2)))
struct RuleReloaderTests {
    @Test("a change is noticed, tried, warmed and put in force, in this order; runs planned before keep their rules")
    func change() async throws {
        let fixture = try ReloadFixture()
        let first = fixture.reloader.status
        #expect(first.generation == 1 && first.isWell)
        let before = fixture.catalog.planner
        let planned = try before.check(RunRequest(language: "toy", code: []))
        #expect(before.reference(to: planned.settings.policy)?.name == "toy@1")
        try await fixture.running {
            try fixture.directory.write(ReloadFixture.policy(cpu: "6s"), to: "policies/toy.yaml")
            let status = await fixture.settled { $0.last?.generation == 2 }
            #expect(status.last?.changed == ["toy"] && status.last?.reason == "change")
            #expect(try fixture.cpu() == 6_000_000_000)
            let planner = fixture.catalog.planner
            let policy = try planner.settings(language: "toy").policy
            #expect(planner.reference(to: policy)?.name == "toy@2")
            #expect(planner.reference(to: policy)?.digest != before.reference(to: planned.settings.policy)?.digest)
            #expect(planned.settings.limits[.cpu] == 5_000_000_000)
            #expect(fixture.probe.steps.withLock { $0 } == ["try toy", "warm", "configure"])
            // A request finds them as they are.
            let again = await fixture.reloader.reload("request")
            #expect(again.outcome == .unchanged && again.generation == 2)
            #expect(fixture.history.numbers == [1, 2])
            #expect(try fixture.history.record(1).policySet.policies["toy"]?.limits[.cpu] == 5_000_000_000)
        }
    }

    @Test("each kind of mistake changes nothing, and is told with file and line; mending it is noticed")
    func mistakes() async throws {
        let fixture = try ReloadFixture()
        let bad: [(text: String, line: Int, words: String)] = [
            ("version: 1\nname: toy\nextends: default\nlimits: {cpuu: 1s}\n", 4, "unknown key"),
            ("version: 1\nname: toy\nextends: default\nlimits: {cpu: 5}\n", 4, "found \"5\""),
            ("version: 1\nname: toy\nextends: default\nlimits: {disk: 0B}\n", 4, "0B"),
            ("version: 1\nname: toy\nextends: nobody\n", 3, "unknown policy"),
            ("version: 1\nname: toy\nextends: toy\n", 3, "circle"),
            ("version: 1\nname: toy\nextends: default\nsyscalls: {allow: [ptrace]}\n", 4, "ptrace"),
            ("version: 1\nname: toy\nextends: default\nsyscalls: {allow: [\"@none\"]}\n", 4, "unknown group"),
            ("version: 1\nname: tooy\nextends: default\n", 2, "name"),
            ("version: 2\nname: toy\nextends: default\n", 1, "version"),
            ("version: 1\nname: toy\n\tlimits: {}\n", 3, "tab"),
            // Cut in the middle of a write.
            ("version: 1\nname: toy\nextends: default\nlimits: {cpu: ", 5, "found"),
            ("", 0, "toy.yaml"),
        ]
        try await fixture.running {
            for (text, line, words) in bad {
                try fixture.directory.write(text, to: "policies/toy.yaml")
                let attempt = await fixture.reloader.reload("request")
                #expect(attempt.outcome == .refused, "\(text)")
                let place = line > 0 ? "policies/toy.yaml:\(line)" : "policies/toy.yaml"
                #expect(
                    attempt.errors.contains { $0.contains(place) && $0.contains(words) }, "\(text): \(attempt.errors)")
                let status = fixture.reloader.status
                #expect(status.generation == 1 && !status.isWell && status.problem?.contains("policies/") == true)
                #expect(try fixture.cpu() == 5_000_000_000)
            }
            try fixture.directory.write(ReloadFixture.policy(cpu: "7s"), to: "policies/toy.yaml")
            let status = await fixture.settled { $0.isWell }
            #expect(status.generation == 2 && status.problem == nil)
        }
        #expect(fixture.history.numbers == [1, 2])
    }

    @Test("rules that cannot be enforced are refused after the trial; the same files are tried again, but not forever")
    func trial() async throws {
        let fixture = try ReloadFixture()
        fixture.probe.verdict.withLock { $0 = ["policies/toy.yaml:1: found rules that cannot be enforced here"] }
        try await fixture.running {
            try fixture.directory.write(ReloadFixture.policy(cpu: "6s"), to: "policies/toy.yaml")
            let attempt = await fixture.reloader.reload("request")
            #expect(attempt.outcome == .refused && attempt.errors.first?.contains("toy.yaml:1") == true)
            #expect(try fixture.cpu() == 5_000_000_000)
            fixture.probe.verdict.withLock { $0 = [] }
            #expect(await fixture.reloader.reload("request").outcome == .switched)
            #expect(try fixture.cpu() == 6_000_000_000)
        }
        #expect(!fixture.probe.steps.withLock { $0 }.prefix(1).contains("warm"))
    }

    @Test("folders that are swapped by symbolic links, as mounted ConfigMaps are, are followed")
    func symbolicLinks() async throws {
        let fixture = try ReloadFixture()
        let path = fixture.directory.path
        try FileManager.default.removeItem(atPath: path + "/policies/toy.yaml")
        for (name, cpu) in [("1", "5s"), ("2", "8s")] {
            try fixture.directory.write(ReloadFixture.policy(cpu: cpu), to: "policies/..\(name)/toy.yaml")
        }
        func link(_ target: String, _ name: String) throws {
            let fresh = path + "/policies/.fresh"
            try FileManager.default.createSymbolicLink(atPath: fresh, withDestinationPath: target)
            try #require(rename(fresh, path + "/policies/" + name) == 0)
        }
        try link("..1", "..data")
        try link("..data/toy.yaml", "toy.yaml")
        try await fixture.running {
            #expect(await fixture.reloader.reload("request").outcome == .unchanged)
            try link("..2", "..data")
            _ = await fixture.settled { $0.last?.generation == 2 }
            #expect(try fixture.cpu() == 8_000_000_000)
        }
    }

    @Test("1,000 touches a second are one look in a while, and no reload")
    func touches() async throws {
        let fixture = try ReloadFixture()
        let path = fixture.directory.path + "/policies/toy.yaml"
        try await fixture.running {
            let touches = await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    var touches = 0
                    let end = ContinuousClock.now + .seconds(4)
                    while ContinuousClock.now < end {
                        touches += utimes(path, nil) == 0 ? 1 : 0
                        usleep(900)
                    }
                    continuation.resume(returning: touches)
                }
            }
            #expect(touches > 500)
            #expect(fixture.reloader.status.generation == 1 && fixture.reloader.status.refused == 0)
            try fixture.directory.write(ReloadFixture.policy(cpu: "9s"), to: "policies/toy.yaml")
            _ = await fixture.settled { $0.last?.generation == 2 }
            #expect(fixture.reloader.status.switched == 1)
        }
    }

    @Test("a policy that is removed while it is used is gone for new runs; a full disk stops only the history")
    func removal() async throws {
        let fixture = try ReloadFixture(state: "full")
        try fixture.directory.write(
            "version: 1\nname: spare\nextends: default\nimage: toy\n", to: "policies/spare.yaml")
        try await fixture.running {
            let added = await fixture.reloader.reload("request")
            #expect(added.outcome == .switched && added.changed == ["spare"])
            #expect(fixture.reloader.status.historyError?.contains("generations") == true)
            #expect(fixture.reloader.status.problem?.contains("history") == true)
            let planned = try fixture.catalog.planner.settings(language: "toy", policy: "spare")
            try FileManager.default.removeItem(atPath: fixture.directory.path + "/policies/spare.yaml")
            let removed = await fixture.reloader.reload("request")
            #expect(removed.outcome == .switched && removed.changed == ["spare"])
            #expect(throws: APIError.self) { try fixture.catalog.planner.settings(language: "toy", policy: "spare") }
            #expect(planned.policy.name == "spare")
        }
    }

    @Test("a history that could be written again is, without a new generation, and the error is gone")
    func historyAgain() async throws {
        let fixture = try ReloadFixture(state: "full")
        try await fixture.running {
            try fixture.directory.write(ReloadFixture.policy(cpu: "6s"), to: "policies/toy.yaml")
            #expect(await fixture.reloader.reload("request").generation == 2)
            #expect(fixture.reloader.status.historyError != nil && fixture.history.numbers == [])
            // The disk has room again.
            try FileManager.default.removeItem(atPath: fixture.directory.path + "/full")
            #expect(await fixture.reloader.reload("request").outcome == .unchanged)
            #expect(fixture.reloader.status.historyError == nil && fixture.reloader.status.problem == nil)
            #expect(
                fixture.history.numbers == [2] && ReloadStatusFile(history: fixture.history).status?.historyError == nil
            )
            #expect(try fixture.history.record(2).policySet.policies["toy"]?.limits[.cpu] == 6_000_000_000)
        }
    }

    @Test(
        "a directory that goes away is no change of its files: they stay in force until it is back, or back and empty")
    func vanished() async throws {
        let fixture = try ReloadFixture()
        let path = fixture.directory.path
        try FileManager.default.createDirectory(atPath: path + "/over", withIntermediateDirectories: true)
        try fixture.directory.write(ReloadFixture.policy(cpu: "6s"), to: "over/toy.yaml")
        let layers = (images: [path + "/images"], policies: [path + "/policies", path + "/over"])
        let catalog = try RunCatalog(
            images: layers.images, policies: layers.policies, store: ImageStore(state: path + "/state"))
        let reloader = RuleReloader(
            catalog: catalog, history: GenerationHistory(state: path + "/other"),
            start: ConfigurationSnapshot.read(images: layers.images, policies: layers.policies),
            actions: .init(trial: { _, _ in [] }, warm: { _ in }, configure: { _ in }, report: { _, _ in }))
        func cpu() throws -> Int64 { try catalog.planner.settings(language: "toy").limits[.cpu] }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await reloader.run() }
            defer { group.cancelAll() }
            // As an unmounted file system.
            try #require(rename(path + "/over", path + "/away") == 0)
            let gone = await reloader.reload("request")
            #expect(gone.outcome == .refused && gone.errors.first?.contains(path + "/over: found no directory") == true)
            #expect(try cpu() == 6_000_000_000 && reloader.status.generation == 1)
            try #require(rename(path + "/away", path + "/over") == 0)
            #expect(await reloader.reload("request").outcome == .unchanged)
            #expect(reloader.status.isWell)
            try FileManager.default.removeItem(atPath: path + "/over/toy.yaml")
            #expect(await reloader.reload("request").outcome == .switched)
            #expect(try cpu() == 5_000_000_000)
            // Nothing of it is in force any more: it may go.
            try FileManager.default.removeItem(atPath: path + "/over")
            #expect(await reloader.reload("request").outcome == .unchanged)
        }
    }

    @Test("an attempt made while a command says that the change is its own bears the command's name")
    func claims() async throws {
        let fixture = try ReloadFixture()
        let now = RuleReloader.wallClock()
        ChangeClaim(at: now, reason: "rollback to 1", by: "user:alice").announce(fixture.history)
        try await fixture.running {
            try fixture.directory.write(ReloadFixture.policy(cpu: "6s"), to: "policies/toy.yaml")
            let status = await fixture.settled { $0.last?.generation == 2 }
            #expect(status.last?.reason == "rollback to 1" && status.last?.by == "user:alice")
            #expect(status.last?.before != nil && status.last?.before != status.last?.digest)
            ChangeClaim.withdraw(fixture.history)
            try fixture.directory.write(ReloadFixture.policy(cpu: "7s"), to: "policies/toy.yaml")
            let next = await fixture.settled { $0.last?.generation == 3 }
            #expect(next.last?.reason == "change" && next.last?.by == nil)
            // Who asks is known without a claim.
            try fixture.directory.write(ReloadFixture.policy(cpu: "8s"), to: "policies/toy.yaml")
            #expect(await fixture.reloader.reload("request", by: "key:k1").by == "key:k1")
        }
        for claim in [
            ChangeClaim(at: now - 120_000, reason: "apply", by: "user:a"),
            ChangeClaim(at: now, reason: "apply\n", by: "user:a"), ChangeClaim(at: now, reason: "apply", by: ""),
        ] {
            claim.announce(fixture.history)
            #expect(ChangeClaim.current(fixture.history, now: now) == nil)
        }
    }

    @Test("a clock that jumps, either way, changes dates and nothing else")
    func clockJumps() async throws {
        let fixture = try ReloadFixture()
        let date = Mutex<Int64>(1_800_000_000_000)
        let reloader = RuleReloader(
            catalog: fixture.catalog, history: fixture.history,
            start: ConfigurationSnapshot.read(
                images: [fixture.directory.path + "/images"], policies: [fixture.directory.path + "/policies"]),
            actions: .init(trial: { _, _ in [] }, warm: { _ in }, configure: { _ in }, report: { _, _ in }),
            date: { date.withLock { $0 } })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await reloader.run() }
            defer { group.cancelAll() }
            for (number, jump) in [(2, -3_600_000_000), (3, 7_200_000_000), (4, -1_800_000_000_000)] as [(Int64, Int64)]
            {
                date.withLock { $0 += jump }
                try fixture.directory.write(ReloadFixture.policy(cpu: "1\(number)s"), to: "policies/toy.yaml")
                let attempt = await reloader.reload("request")
                #expect(attempt.outcome == .switched && attempt.generation == number && attempt.milliseconds >= 0)
                #expect(attempt.at == date.withLock { $0 })
            }
            #expect(fixture.history.numbers.suffix(3) == [2, 3, 4] && fixture.history.last?.generation == 4)
        }
    }

    @Test("those who ask at the same time get an answer each, of an attempt that began after they asked")
    func together() async throws {
        let fixture = try ReloadFixture()
        try await fixture.running {
            for round in 2...4 {
                try fixture.directory.write(ReloadFixture.policy(cpu: "1\(round)s"), to: "policies/toy.yaml")
                let reloader = fixture.reloader
                let attempts = await withTaskGroup(of: ReloadAttempt.self) { group in
                    for _ in 0..<8 { group.addTask { await reloader.reload("request") } }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                #expect(attempts.count == 8 && attempts.allSatisfy { $0.generation == Int64(round) })
            }
        }
        // Afterwards nobody waits forever.
        #expect(await fixture.reloader.reload("request").outcome == .refused)
    }

    @Test("a new process goes on with the generation, or with the next one when files have changed meanwhile")
    func restart() async throws {
        let fixture = try ReloadFixture()
        let path = fixture.directory.path
        func restarted() throws -> RuleReloader {
            let files = ConfigurationSnapshot.read(images: [path + "/images"], policies: [path + "/policies"])
            return RuleReloader(
                catalog: fixture.catalog, history: fixture.history, start: files,
                actions: .init(trial: { _, _ in [] }, warm: { _ in }, configure: { _ in }, report: { _, _ in }))
        }
        #expect(try restarted().status.generation == 1)
        try fixture.directory.write(ReloadFixture.policy(cpu: "6s"), to: "policies/toy.yaml")
        #expect(try restarted().status.generation == 2)
        #expect(ReloadStatusFile(history: fixture.history).status?.generation == 2)
    }
}
