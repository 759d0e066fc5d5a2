import FairQueue
import Foundation
import Images
import LinuxSystem
import RunExecution
import RunModel
import RunPlanning
import RunTestSupport
import SandboxSpec
import TestSupport
import Testing
import WardenClient
import WardenProtocol

@testable import RunService

@Suite("Compile cache of a service", .enabled(if: geteuid() == 0, "image roots belong to root"))
struct CompileCacheServiceTests {
    private struct Silence: RunObserver {
        func accepted(_ run: RunRecord) {}
        func finished(_ run: RunRecord) {}
        func refused(_ error: APIError) {}
    }

    private let directory: TemporaryDirectory
    private let catalog: RunCatalog

    init() throws {
        directory = try TemporaryDirectory()
        // A directory that is named as those that were built are.
        let root = directory.path + "/" + String(repeating: "0f", count: 32)
        for name in ["images/cee", "policies", "state", String(root.dropFirst(directory.path.count + 1))] {
            try FileManager.default.createDirectory(
                atPath: directory.path + "/" + name, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o755])
        }
        try directory.write(
            """
            version: 1
            name: cee
            root: {directory: \(root)}
            file: main.c
            compile: {run: [cc], produces: [main]}
            run: [./main]
            check: {code: x, stdout: y}

            """, to: "images/cee/image.yaml")
        try directory.write(SmallPolicy.yaml("cee"), to: "policies/cee.yaml")
        catalog = try RunCatalog(
            images: directory.path + "/images", policies: directory.path + "/policies",
            store: ImageStore(state: directory.path + "/state"))
    }

    private func service(_ source: ScriptedSource, cache: CompileCache?) -> RunService {
        RunService(
            catalog: catalog, executor: RunExecutor(source: source, cache: cache),
            settings: RunService.Settings(
                admission: .init(running: 1, queued: 8, runningPerClient: 1, queuedPerClient: 8),
                finished: .init(count: 8, bytes: 1_000_000, age: 60_000_000_000), buffer: 1_000_000,
                artifactBytes: 1_000_000),
            observer: Silence())
    }

    /// Submits one after the other.
    ///
    /// - Returns: how warm the compile step of each was.
    private func run(
        _ submissions: [(owner: String, cache: CacheUse)], on service: RunService
    ) async throws -> [WarmStart?] {
        let work = Task { await service.run() }
        var warmths: [WarmStart?] = []
        for wanted in submissions {
            var submission = Submission(RunRequest(language: "cee", code: Array("int main;".utf8)))
            submission.cache = wanted.cache
            let record = try await service.submit(submission, owner: RunOwner(wanted.owner), isConnected: false)
            await service.idle()
            warmths.append(record.outcome?.steps.first?.warm)
        }
        service.stop()
        await work.value
        return warmths
    }

    @Test("Keeps for each owner what was compiled, unless the submission says off")
    func owners() async throws {
        let (compiler, program) = (CompileFixture.compiler, CompileFixture.program)
        let source = ScriptedSource(
            compiler, program, program, compiler, program, compiler, program, program)
        let cache = CompileCache(bounds: .init(bytes: 1_000_000))
        let service = service(source, cache: cache)
        let warmths = try await run(
            [("a", .on), ("a", .on), ("b", .on), ("a", .off), ("a", .on)], on: service)
        #expect(warmths == [.cold, .cached, .cold, .cold, .cached])
        #expect(source.sandboxes.count == 8)
        #expect(cache.counts.hits == 2)
        #expect(cache.counts.misses == 2)
        #expect(cache.counts.entries == 2)
    }

    @Test("Keeps nothing when it has no room for it")
    func none() async throws {
        let (compiler, program) = (CompileFixture.compiler, CompileFixture.program)
        let source = ScriptedSource(compiler, program, compiler, program)
        let cache = CompileCache(bounds: .init(bytes: 0))
        let service = service(source, cache: cache)
        #expect(try await run([("a", .on), ("a", .on)], on: service) == [.cold, .cold])
        #expect(cache.counts == CompileCache.Counts(misses: 2))
    }
}
