import Foundation
import LinuxSystem
import RunExecution
import RunModel
import RunTestSupport
import SandboxSpec
import TestSupport
import Testing

@testable import RunService

@Suite("Runs and artifacts in memory")
struct RunMemoryTests {
    private func record(_ owner: String) -> RunRecord {
        RunRecord(
            identity: RunRecord.Identity(
                id: RunID(), owner: RunOwner(owner), origin: RunOrigin(), language: "toy", policy: "toy",
                tenant: "default",
                createdAt: 0,
                onDisconnect: .cancel),
            input: nil, buffer: 1000, acceptedAt: 0, control: RunControl())
    }

    private func ids(_ page: RunQuery.Page) -> [RunID] { page.runs.map(\.id) }

    @Test("pages have the runs of one owner, newest first, and say whether there are more")
    func pages() async {
        let memory = RunMemory(bounds: .init(count: 100, bytes: 1_000_000, age: .max))
        var mine: [RunRecord] = []
        for index in 0..<7 {
            let record = record(index.isMultiple(of: 3) ? "other" : "me")
            await memory.put(record)
            if record.identity.owner == RunOwner("me") { mine.insert(record, at: 0) }
        }
        let me = RunOwner("me")
        #expect(ids(memory.page(RunQuery(owner: me, limit: 10))) == mine.map(\.id))
        let first = memory.page(RunQuery(owner: me, limit: 3))
        #expect(ids(first) == mine.prefix(3).map(\.id) && first.hasMore)
        let rest = memory.page(RunQuery(owner: me, after: first.runs.last?.id, limit: 3))
        #expect(ids(rest) == mine.dropFirst(3).map(\.id) && !rest.hasMore)
        #expect(ids(memory.page(RunQuery(owner: me, after: RunID(), limit: 3))).isEmpty)
        mine[1].admit(at: 1)
        #expect(ids(memory.page(RunQuery(owner: me, state: .running, limit: 3))) == [mine[1].id])
        #expect(memory.lookup(mine[2].id) === mine[2])
    }

    @Test("finished runs go when there are too many, and the list of known runs does not grow with those that went")
    func forgets() async {
        let memory = RunMemory(bounds: .init(count: 2, bytes: 1_000_000, age: 10))
        var last: [RunID] = []
        for index in 0..<500 {
            let record = record("me")
            await memory.put(record)
            last.append(record.id)
            let gone = memory.finish(record, bytes: 10, now: Int64(index / 100))
            #expect(gone == (index < 2 ? [] : [last[index - 2]]))
        }
        #expect(memory.finished == (2, 20))
        #expect(ids(memory.page(RunQuery(owner: RunOwner("me"), limit: 9))) == last.suffix(2).reversed())
        #expect(memory.purge(now: 100) == last.suffix(2))
        #expect(memory.lookup(last[499]) == nil)
    }

    @Test("artifacts are kept by run, within its capacity, until the run goes")
    func artifacts() throws {
        let directory = try TemporaryDirectory()
        try directory.write("12345678", to: "file")
        let store = ArtifactMemory(capacity: 12)
        let (run, other) = (RunID(), RunID())
        let sink = store.open(run)
        func write(_ name: String, _ sink: any ArtifactSink) throws -> Int64 {
            try sink.write(
                try BoxPath(name), from: try Files.open(directory.path + "/file", flags: O_RDONLY), limit: 8)
        }
        #expect(try write("a", sink) == 8)
        #expect(store.content(of: "a", run: run) == Array("12345678".utf8))
        #expect(store.content(of: "a", run: other) == nil)
        #expect(throws: ArtifactRefusal.self) { try write("b", sink) }
        #expect(try write("b", store.open(other)) == 8, "each run has room of its own")
        #expect(store.bytes(of: run) == 8)
        store.remove([run])
        #expect(store.content(of: "a", run: run) == nil && store.bytes(of: other) == 8)
        #expect(throws: ArtifactRefusal.self) { try write("a", sink) }
        #expect(store.bytes(of: run) == 0, "a late thread brings nothing back")
    }
}
