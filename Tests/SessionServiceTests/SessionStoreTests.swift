import Foundation
import RunModel
import RunService
import SessionExecution
import SessionModel
import SessionService
import Testing

/// Stored sessions: files that are whole or not there, and what is said of others.
@Suite struct SessionStoreTests {
    /// A directory that goes with it.
    private final class Folder: Sendable {
        let path = NSTemporaryDirectory() + "/nestbox-store-\(UInt64.random(in: .min ... .max))"
        deinit { try? FileManager.default.removeItem(atPath: path) }

        func store(perOwner: Int = 4) throws -> SessionStore {
            try SessionStore(directory: path, bounds: .init(perOwner: perOwner), report: { _ in })
        }

        var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
    }

    /// Scripted sandboxes have no files; the archive of none is empty.
    private func saved(_ folder: Folder) async throws -> SessionID {
        let fixture = try ServiceFixture(store: try folder.store())
        let session = try fixture.create(tags: ["t"])
        _ = try await session.execute(CellRequest(code: "hello"))
        #expect(try await session.save(as: "a").isEmpty)
        session.close()
        _ = await session.ended()
        return session.id
    }

    @Test func aSessionIsThereAgainInAnotherService() async throws {
        let folder = Folder()
        let id = try await saved(folder)
        let copy = Folder()
        try FileManager.default.copyItem(atPath: folder.path, toPath: copy.path)
        let fixture = try ServiceFixture(store: try copy.store())
        let listed = fixture.service.listStored(owner: ServiceFixture.ada)
        #expect(listed.map(\.id) == [id.description])
        #expect(fixture.service.listStored(owner: ServiceFixture.bob).isEmpty)
        #expect(fixture.service.listStored(owner: ServiceFixture.ada, SessionFilter(states: [.idle])).isEmpty)
        #expect(fixture.service.listStored(owner: ServiceFixture.ada, SessionFilter(tags: ["u"])).isEmpty)
        let other = await #expect(throws: APIError.self) {
            try await fixture.service.resume(id, owner: ServiceFixture.bob)
        }
        #expect(other?.code == .sessionNotFound)
        let session = try await fixture.service.resume(id, owner: ServiceFixture.ada)
        let outcome = try await session.execute(CellRequest(code: "more"))
        #expect(outcome.executionID == "e2" && outcome.status == .ok && session.id == id)
        #expect(session.summary.snapshot.epoch == 2)
        let restored = session.history.first { $0.event.kind.name == "restored" }
        #expect(restored?.event.kind == .restored("a", SessionRestoration(method: .replay, replayed: 1)))
        // The clients of before find the numbers where they left them.
        #expect((session.history.first?.event.sequence ?? 0) > 5)
        let busy = await #expect(throws: APIError.self) {
            try await fixture.service.resume(id, owner: ServiceFixture.ada)
        }
        #expect(busy?.code == .sessionBusy && fixture.service.listStored(owner: ServiceFixture.ada).isEmpty)
        _ = try await session.save(as: "b")
        session.close()
        _ = await session.ended()
        let again = try await fixture.service.storedHistory(id, owner: ServiceFixture.ada)
        var text = JSONBytes(size: 100)
        again.write(to: &text)
        let shown = String(decoding: text.bytes, as: UTF8.self)
        #expect(
            shown.contains(#""code":"hello""#) && shown.contains(#""code":"more""#)
                && shown.contains(#""output":"more""#))
        #expect(copy.names.count == 2, "\(copy.names)")
        #expect(await fixture.service.removeStored(id, owner: ServiceFixture.bob) == false)
        #expect(await fixture.service.removeStored(id, owner: ServiceFixture.ada))
        #expect(copy.names.isEmpty)
    }

    @Test func whatCannotBeReadIsRefusedAndKept() async throws {
        let folder = Folder()
        let id = try await saved(folder)
        let json = folder.path + "/\(id).json"
        let good = try Data(contentsOf: URL(fileURLWithPath: json))
        let tar = try #require(folder.names.first { $0.hasSuffix(".tar") })
        func text(_ old: String, _ new: String) -> Data {
            Data(String(decoding: good, as: UTF8.self).replacingOccurrences(of: old, with: new).utf8)
        }
        let other = (id.description.first == "0" ? "1" : "0") + id.description.dropFirst()
        let bad: [(Data, String)] = [
            (text("\"version\" : 1", "\"version\" : 2"), "version is 2"), (good.prefix(good.count / 2), "cut off"),
            (Data(), "no JSON"),
            (Data("[]".utf8), "another type"), (text("\"turns\" : 1", "\"turns\" : -1"), "out of range"),
            (text(tar, "../../etc/passwd"), "does not belong"), (text("\"turns\"", "\"turn\""), "turns is missing"),
            (text(id.description, other), "another session"),
        ]
        for (data, words) in bad {
            try data.write(to: URL(fileURLWithPath: json))
            let fixture = try ServiceFixture(store: try folder.store())
            let error = await #expect(throws: APIError.self) {
                try await fixture.service.resume(id, owner: ServiceFixture.ada)
            }
            #expect(
                error?.code == .sessionUnreadable && error?.message.contains(words) == true,
                "\(words): \(String(describing: error))")
            #expect(try Data(contentsOf: URL(fileURLWithPath: json)) == data)
        }
        try good.write(to: URL(fileURLWithPath: json))
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: folder.path + "/" + tar))
        let fixture = try ServiceFixture(store: try folder.store())
        let error = await #expect(throws: APIError.self) {
            try await fixture.service.resume(id, owner: ServiceFixture.ada)
        }
        #expect(error?.code == .sessionUnreadable && error?.message.contains(tar) == true)
    }

    @Test func aLanguageThatIsGoneIsSaidAndTheSessionStaysStored() async throws {
        let folder = Folder()
        let id = try await saved(folder)
        let json = URL(fileURLWithPath: folder.path + "/\(id).json")
        let text = String(decoding: try Data(contentsOf: json), as: UTF8.self)
        try Data(text.replacingOccurrences(of: "\"language\" : \"test\"", with: "\"language\" : \"gone\"").utf8).write(
            to: json)
        let fixture = try ServiceFixture(store: try folder.store())
        let error = await #expect(throws: APIError.self) {
            try await fixture.service.resume(id, owner: ServiceFixture.ada)
        }
        #expect(error?.code == .unknownLanguage && fixture.service.listStored(owner: ServiceFixture.ada).count == 1)
    }

    @Test func oneOwnerHasOnlySoMany() async throws {
        let folder = Folder()
        let fixture = try ServiceFixture(store: try folder.store(perOwner: 2))
        for number in 0..<3 {
            let session = try fixture.create()
            _ = try await session.execute(CellRequest(code: "1"))
            if number < 2 {
                _ = try await session.save(as: "a")
                _ = try await session.save(as: "a")
            } else {
                let error = await #expect(throws: APIError.self) { try await session.save(as: "a") }
                #expect(error?.code == .tooManyStored)
            }
            session.close()
        }
        #expect(folder.names.count == 4, "\(folder.names)")
        let none = try ServiceFixture()
        let session = try none.create()
        let error = await #expect(throws: APIError.self) { try await session.save(as: "a") }
        #expect(error?.code == .notSupported)
        session.close()
    }

    @Test func savingAtTheSameTimeGivesNobodyMore() async throws {
        let folder = Folder()
        let fixture = try ServiceFixture(sessions: 8, perOwner: 8, store: try folder.store(perOwner: 2))
        let sessions = try (0..<8).map { _ in try fixture.create() }
        for session in sessions { _ = try await session.execute(CellRequest(code: "files")) }
        let stored = await withTaskGroup(of: Bool.self) { group in
            for session in sessions { group.addTask { (try? await session.save(as: "a")) != nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(stored == 2 && folder.names.count == 4, "\(stored): \(folder.names)")
        for session in sessions { session.close() }
    }

    /// Whenever it comes, a removal leaves nothing, not even what is just being written.
    @Test func whatIsRemovedWhileItIsSavedIsGone() async throws {
        let folder = Folder()
        let fixture = try ServiceFixture(sessions: 4, store: try folder.store())
        var removed = 0
        for round in 0..<40 {
            let session = try fixture.create()
            _ = try await session.execute(CellRequest(code: "files"))
            if round % 2 == 1 { try await session.save(as: "before") }
            let saving = Task { (try? await session.save(as: "a")) != nil }
            try await Task.sleep(for: .microseconds(round * 150))
            session.close()
            if await fixture.service.removeStored(session.id, owner: ServiceFixture.ada) { removed += 1 }
            _ = await saving.value
            _ = await session.ended()
            #expect(folder.names.isEmpty, "\(round): \(folder.names)")
            #expect(fixture.service.listStored(owner: ServiceFixture.ada).isEmpty)
        }
        #expect(removed > 0)
    }

    @Test func anArchiveThatNoDocumentKnowsGoes() async throws {
        let folder = Folder()
        let id = try await saved(folder)
        let before = folder.names
        let other = SessionID()
        for name in ["\(id).1.tar", "\(other).2.tar", "\(other).3.tar", "notes.tar"] {
            try Data([1]).write(to: URL(fileURLWithPath: folder.path + "/" + name))
        }
        // This one is not just being copied here.
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -100_000)], ofItemAtPath: folder.path + "/\(other).3.tar")
        #expect(try folder.store().count == 1)
        #expect(folder.names == (before + ["\(other).2.tar", "notes.tar"]).sorted(), "\(folder.names)")
    }

    @Test func whatWasBeingWrittenAtACrashIsRemovedAndNothingElse() async throws {
        let folder = Folder()
        _ = try await saved(folder)
        let before = folder.names
        for name in [".draft-x-1", "notes.txt", "short.json"] {
            try Data("{".utf8).write(to: URL(fileURLWithPath: folder.path + "/" + name))
        }
        #expect(try folder.store().count == 1)
        #expect(folder.names == (before + ["notes.txt", "short.json"]).sorted())
    }

    @Test func unusedSessionsAreSavedBeforeTheyEndAndSoAreThoseOfAServiceThatStops() async throws {
        let folder = Folder()
        var limits = SessionLimits.usual
        limits.onIdle = .checkpoint
        limits.idle = 1_000_000_000
        let fixture = try ServiceFixture(store: try folder.store(), limits: limits)
        let session = try fixture.create()
        _ = try await session.execute(CellRequest(code: "1"))
        #expect(await session.ended().verdict == "idle")
        #expect(fixture.service.listStored(owner: ServiceFixture.ada).count == 1)
        limits.idle = 600_000_000_000
        let stopping = try ServiceFixture(store: try folder.store(), limits: limits)
        let other = try stopping.create()
        _ = try await other.execute(CellRequest(code: "1"))
        stopping.service.close()
        #expect(await stopping.service.idle(within: .seconds(20)))
        #expect(try folder.store().count == 2)
    }
}
