import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Images

@Suite struct BuildPlanTests {
    private func image(_ name: String, _ packages: String...) throws -> Image {
        try Fixtures.image(name: name, root: .debian(DebianRoot(suite: "bookworm", packages: packages)))
    }

    @Test func imagesOfOneRootAreOneJob() throws {
        let store = ImageStore(state: "/nowhere")
        let images = [
            try image("a", "gcc"), try image("b", "ruby"), try image("c", "gcc"),
            try Fixtures.image(name: "d", root: .host),
            try Fixtures.image(name: "e", root: .directory("/nowhere/tree")),
        ]
        let plan = store.plan(images)
        #expect(plan.jobs.map(\.names) == ["a, c", "b"])
        #expect(plan.rest.map(\.image.name) == ["d", "e"])
        #expect(plan.rest[0].reason == nil)
        #expect(plan.rest[1].isAbsent && plan.rest[1].reason != nil)
    }

    @Test func asManyJobsAsProcessors() {
        #expect([0, 1, 2, 16, 200].map { BuildPlan.standardJobs(processors: $0) } == [1, 1, 2, 16, 16])
    }

    @Test func talliesInOneLine() throws {
        var tally = BuildTally()
        #expect(tally.line(seconds: 0) == "0 built, 0 there already, 0 failed, 0 s")
        let metadata = RootMetadata(
            digest: "", kind: "debian", description: "", images: [], created: 0, bytes: 0, files: 0, packages: [])
        func root(_ reused: Bool) -> BuiltRoot {
            BuiltRoot(digest: ContentDigest(of: []), path: "", metadata: metadata, reused: reused)
        }
        tally.add(.success(root(false)), for: try image("a"))
        tally.add(.success(root(true)), for: try image("b"))
        tally.add(.success(root(true)), for: try image("c"))
        tally.add(.failure(ImageError(.buildFailed, "no")), for: try image("z"))
        tally.addFailed(try image("d"))
        tally.addSkipped()
        #expect(tally.line(seconds: 61) == "1 built, 2 there already, 1 skipped, 2 failed (d, z), 61 s")
    }

    @Test func sharedRootsAreCountedOnce() {
        func status(_ name: String, _ digest: UInt8?, _ bytes: Int64?) -> ImageStatus {
            let metadata = bytes.map {
                RootMetadata(
                    digest: "", kind: "debian", description: "", images: [], created: 0, bytes: $0, files: 0,
                    packages: [])
            }
            return ImageStatus(
                name: name, aliases: [], description: "", version: nil, rootKind: "debian",
                state: bytes == nil ? .missing : .built(metadata), digest: digest.map { ContentDigest(of: [$0]) },
                bytes: bytes, path: nil)
        }
        let total = RootTotal([
            status("a", 1, 100), status("b", 1, 100), status("c", 2, 10), status("d", 3, nil), status("e", nil, nil),
        ])
        #expect(total.roots == 2 && total.bytes == 110)
        #expect([1, 2, 3, 4].map { total.sharers(ContentDigest(of: [$0])) } == [2, 1, 1, 0])
    }
}

/// How many builds run at once, and which have run.
private final class Gauge: RootBuilder {
    struct State { var running = 0, most = 0, done = 0 }
    let state = Mutex(State())
    let failing: Bool
    let pause: useconds_t

    init(failing: Bool = false, pause: useconds_t = 50_000) {
        self.failing = failing
        self.pause = pause
    }

    func build(_ task: BuildTask) throws(ImageError) -> [PackageVersion] {
        state.withLock {
            $0.running += 1
            $0.most = max($0.most, $0.running)
        }
        defer {
            state.withLock {
                $0.running -= 1
                $0.done += 1
            }
        }
        for _ in 0..<10 {
            try task.cancellation.check()
            usleep(pause / 10)
        }
        if failing { throw ImageError(.buildFailed, "broken") }
        return []
    }
}

@Suite(.enabled(if: geteuid() == 0)) struct BuildAllTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func image(_ name: String, _ package: String) throws -> Image {
        try Fixtures.image(name: name, root: .debian(DebianRoot(suite: "bookworm", packages: [package])))
    }

    private final class Endings: Sendable {
        let all = Mutex<[String: String]>([:])
        func add(_ event: ImageStore.BuildEvent) {
            guard case .ended(let image, let result) = event else { return }
            let word =
                switch result {
                case .success(let root): root.reused ? "reused" : "built"
                case .failure(let error): error.code.rawValue
                }
            all.withLock { $0[image.name] = word }
        }
    }

    private func build(
        _ images: [Image], _ builders: [String: Gauge], parallel: Int, rebuild: Bool = false
    ) async -> [String: String] {
        let store = ImageStore(state: directory.path) { (root) throws(ImageError) in
            guard case .debian(let debian) = root, let builder = builders[debian.packages[0]] else {
                throw ImageError(.buildFailed, "no builder")
            }
            return builder
        }
        let endings = Endings()
        await store.build(store.plan(images), parallel: parallel, rebuild: rebuild) { _, _, event in endings.add(event)
        }
        return endings.all.withLock { $0 }
    }

    @Test(arguments: [1, 2, 3]) func noMoreAtOnceThanAllowed(parallel: Int) async throws {
        let gauge = Gauge()
        let images = try (0..<6).map { try image("i\($0)", "p\($0)") }
        let builders = Dictionary(uniqueKeysWithValues: (0..<6).map { ("p\($0)", gauge) })
        let endings = await build(images, builders, parallel: parallel)
        #expect(endings.count == 6 && Set(endings.values) == ["built"])
        let most = gauge.state.withLock { $0.most }
        #expect(parallel == 1 ? most == 1 : (2...parallel).contains(most))
    }

    @Test func oneFailureStopsNobodyElse() async throws {
        let bad = Gauge(failing: true)
        let good = Gauge()
        let images = [
            try image("a", "bad"), try image("b", "good"), try image("c", "bad"), try image("d", "good"),
        ]
        let endings = await build(images, ["bad": bad, "good": good], parallel: 2)
        #expect(endings == ["a": "buildFailed", "c": "buildFailed", "b": "built", "d": "reused"])
        // The twin of a failed image is not tried again.
        #expect(bad.state.withLock { $0.done } == 1)
        let again = await build([images[1], images[3]], ["good": good], parallel: 2, rebuild: true)
        #expect(again == ["b": "built", "d": "reused"])
        #expect(good.state.withLock { $0.done } == 2)
    }

    @Test func cancellationEndsAllAndBeginsNone() async throws {
        let gauge = Gauge(pause: 5_000_000)
        let images = try (0..<4).map { try image("i\($0)", "p\($0)") }
        let builders = Dictionary(uniqueKeysWithValues: (0..<4).map { ("p\($0)", gauge) })
        let work = Task { await build(images, builders, parallel: 2) }
        while gauge.state.withLock({ $0.running }) < 2 { try await Task.sleep(for: .milliseconds(5)) }
        work.cancel()
        let endings = await work.value
        #expect(endings.count == 4 && Set(endings.values) == ["cancelled"])
        #expect(gauge.state.withLock { $0.done } == 2)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path + "/roots") == [])
    }
}
