import Foundation
import Glibc
import SandboxSpec
import Synchronization
import TestSupport
import Testing

@testable import Images

private final class Counter: Sendable {
    private let value = Atomic<Int>(0)
    var count: Int { value.load(ordering: .relaxed) }
    func add() { value.add(1, ordering: .relaxed) }
}

/// Writes one file; counts, and can be told to fail or to hold still.
private final class FakeBuilder: RootBuilder {
    let builds = Atomic<Int>(0)
    let running = Atomic<Int>(0)
    let overlapped = Atomic<Bool>(false)
    let failure: ImageError?
    let hold: @Sendable (BuildTask) throws -> Void

    init(failure: ImageError? = nil, hold: @escaping @Sendable (BuildTask) throws -> Void = { _ in }) {
        self.failure = failure
        self.hold = hold
    }

    var count: Int { builds.load(ordering: .relaxed) }
    var hasOverlapped: Bool { overlapped.load(ordering: .relaxed) }

    func build(_ task: BuildTask) throws(ImageError) -> [PackageVersion] {
        builds.add(1, ordering: .relaxed)
        if running.add(1, ordering: .relaxed).newValue > 1 { overlapped.store(true, ordering: .relaxed) }
        defer { running.subtract(1, ordering: .relaxed) }
        mkdir(task.directory + "/bin", 0o755)
        _ = FileManager.default.createFile(atPath: task.directory + "/bin/sh", contents: Data("#!".utf8))
        do { try hold(task) } catch let error as ImageError { throw error } catch {
            throw ImageError(.buildFailed, "\(error)")
        }
        if let failure { throw failure }
        return [PackageVersion(name: "bash", version: "5.2")]
    }
}

@Suite(.enabled(if: geteuid() == 0)) struct ImageStoreTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func store(_ builder: FakeBuilder) -> ImageStore {
        ImageStore(state: directory.path) { (_) throws(ImageError) in builder }
    }

    @Test func buildsOnceAndResolves() async throws {
        let builder = FakeBuilder()
        let store = store(builder)
        let image = try Fixtures.image(root: Fixtures.debian)
        let before = try #require(throws: ImageError.self) { try store.resolve(image) }
        #expect(before.code == .notBuilt)
        #expect(before.message == "image demo is not built: run `nestbox image build demo`")
        #expect(store.status(of: image).state == .missing)

        let built = try await store.build(image)
        #expect(!built.reused)
        #expect(built.path == "\(store.rootsDirectory)/\(built.digest)")
        #expect(try store.resolve(image) == .tree(built.path))
        #expect(built.metadata.packages == [PackageVersion(name: "bash", version: "5.2")])
        #expect(directory.mode("roots/\(built.digest)") == 0o755)
        let status = store.status(of: image)
        #expect(status.state == .built(built.metadata))
        #expect(status.bytes == built.metadata.bytes && built.metadata.bytes > 2)

        let again = try await store.build(image)
        #expect(again.reused && again.metadata == built.metadata)
        let twin = try await store.build(Fixtures.image(name: "twin", root: Fixtures.debian))
        #expect(twin.reused && twin.metadata.images == ["demo", "twin"])
        #expect(builder.count == 1)
        #expect(store.users(of: built.digest, among: [image]) == ["demo"])
        let names = try FileManager.default.contentsOfDirectory(atPath: store.rootsDirectory).sorted()
        #expect(names == [built.digest.description, "\(built.digest).json"])
    }

    @Test func twoBuildsAtOnceMakeOneRoot() async throws {
        let builder = FakeBuilder(hold: { _ in usleep(300_000) })
        // Two stores: as two processes would, they share nothing but the disk.
        let (one, two) = (store(builder), store(builder))
        let image = try Fixtures.image(root: Fixtures.debian)
        let waits = Counter()
        async let first = one.build(image) { event in if event == .waiting { waits.add() } }
        async let second = two.build(image) { event in if event == .waiting { waits.add() } }
        let results = try await [first, second]
        #expect(builder.count == 1)
        #expect(!builder.hasOverlapped)
        #expect(results.filter(\.reused).count == 1)
        #expect(waits.count == 1)
    }

    @Test func failedBuildLeavesNothing() async throws {
        let store = store(FakeBuilder(failure: ImageError(.buildFailed, "no")))
        let image = try Fixtures.image(root: Fixtures.debian)
        await #expect(throws: ImageError(.buildFailed, "no")) { try await store.build(image) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.rootsDirectory) == [])
        #expect(store.status(of: image).state == .missing)
    }

    @Test func cancelledBuildLeavesNothing() async throws {
        let (started, signal) = AsyncStream.makeStream(of: Void.self)
        let store = store(
            FakeBuilder(hold: { task in
                signal.finish()
                while true {
                    try task.cancellation.check()
                    usleep(1000)
                }
            }))
        let image = try Fixtures.image(root: Fixtures.debian)
        let task = Task { try await store.build(image) }
        for await _ in started {}
        #expect(store.status(of: image).state == .building)
        #expect(throws: ImageError.self) { try store.resolve(image) }
        #expect(throws: ImageError.self) { try store.remove(store.digest(of: image.root)) }
        task.cancel()
        await #expect(throws: ImageError(.cancelled, "the build was cancelled")) { try await task.value }
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.rootsDirectory) == [])
    }

    @Test func deadBuildsAreSeenAndSwept() async throws {
        let store = store(FakeBuilder())
        let image = try Fixtures.image(root: Fixtures.debian)
        let digest = try store.digest(of: image.root)
        let other = ContentDigest(of: [1])
        try directory.write("x", to: "roots/.building-\(digest)-99-abc/bin/sh")
        try directory.write("x", to: "roots/.removing-\(other)-99-abc/bin/sh")
        try directory.write("x", to: "roots/.building-nonsense/keep")
        #expect(store.status(of: image).state == .interrupted)
        let error = try #require(throws: ImageError.self) { try store.resolve(image) }
        #expect(error.message == "image demo is half built: run `nestbox image build demo`")
        #expect(try store.garbage(keeping: [image]).map(\.kind) == [.leftover, .leftover])
        _ = try await store.build(image)
        let names = try FileManager.default.contentsOfDirectory(atPath: store.rootsDirectory).sorted()
        #expect(names == [".building-nonsense", digest.description, "\(digest).json"].sorted())
    }

    @Test func livingBuildsAreNotSwept() async throws {
        let (started, signal) = AsyncStream.makeStream(of: Void.self)
        let release = BuildCancellation()
        let slow = store(
            FakeBuilder(hold: { _ in
                signal.finish()
                while !release.isCancelled { usleep(1000) }
            }))
        let slowImage = try Fixtures.image(name: "slow", root: Fixtures.debian)
        let task = Task { try await slow.build(slowImage) }
        for await _ in started {}
        let root = RootDescription.debian(DebianRoot(suite: "trixie", packages: []))
        _ = try await store(FakeBuilder()).build(Fixtures.image(root: root))
        release.cancel()
        let built = try await task.value
        #expect(FileManager.default.fileExists(atPath: built.path + "/bin/sh"))
    }

    @Test func rebuildReplaces() async throws {
        let builder = FakeBuilder()
        let store = store(builder)
        let image = try Fixtures.image(root: Fixtures.debian)
        let first = try await store.build(image)
        try Data().write(to: URL(fileURLWithPath: first.path + "/old"))
        let second = try await store.build(image, rebuild: true)
        #expect(builder.count == 2)
        #expect(!second.reused && !FileManager.default.fileExists(atPath: second.path + "/old"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.rootsDirectory).count == 2)
    }

    @Test func removesRootsAndGarbage() async throws {
        let store = store(FakeBuilder())
        let image = try Fixtures.image(root: Fixtures.debian)
        let built = try await store.build(image)
        #expect(try store.garbage(keeping: [image]) == [])
        let garbage = try store.garbage(keeping: [])
        #expect(garbage.map(\.digest) == [built.digest] && garbage.first?.images == ["demo"])
        try store.remove(try #require(garbage.first))
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.rootsDirectory) == [])
        let error = try #require(throws: ImageError.self) { try store.remove(built.digest) }
        #expect(error.code == .notBuilt)
    }

    @Test func offlineAndHostRootsAreRefused() async throws {
        let store = store(FakeBuilder())
        let debian = try Fixtures.image(root: Fixtures.debian)
        // Whether that is possible is the builder's to say.
        #expect(try await !store.build(debian, offline: true).reused)
        let host = try Fixtures.image(root: .host)
        await #expect(throws: ImageError.self) { try await store.build(host) }
        #expect(try store.resolve(host) == .host)
        #expect(store.status(of: host).state == .ready)
    }

    @Test func operatorDirectoriesAreChecked() throws {
        let store = store(FakeBuilder())
        func resolve(_ path: String) throws -> RootSource {
            try store.resolve(Fixtures.image(root: .directory(path)))
        }
        let tree = directory.path + "/tree"
        mkdir(tree, 0o755)
        chmod(tree, 0o755)
        symlink(tree, directory.path + "/link")
        #expect(try resolve(tree) == .tree(tree))
        #expect(try resolve(directory.path + "/link") == .tree(tree))
        chmod(tree, 0o775)
        let writable = try #require(throws: ImageError.self) { try resolve(tree) }
        #expect(writable.message.contains("mode 775") && writable.message.contains("chmod go-w"))
        chmod(tree, 0o755)
        chown(tree, 1000, 0)
        #expect(throws: ImageError.self) { try resolve(tree) }
        let file = try directory.write("x", to: "file")
        for path in [file, "/"] {
            let error = try #require(throws: ImageError.self) { try resolve(path) }
            #expect(error.code == .unusableRoot)
        }
        // Clients are told this one: what to do, not where.
        let none = try #require(throws: ImageError.self) { try resolve(directory.path + "/none") }
        #expect(none.code == .notBuilt && none.message.contains("image.yaml"))
        #expect(!none.message.contains(directory.path))
    }

    @Test func locksOutliveTheirFile() throws {
        let path = directory.path + "/lock"
        let first = try #require(try RootLock.tryAcquire(path))
        #expect(try RootLock.tryAcquire(path) == nil)
        #expect(RootLock.isHeld(path))
        first.release()
        #expect(!directory.has("lock") && !RootLock.isHeld(path))
        let second = try #require(try RootLock.tryAcquire(path))
        first.release()
        #expect(directory.has("lock") && RootLock.isHeld(path))
        second.release()
    }
}
