import Foundation
import LinuxSystem
import RunModel
import RunService
import TestSupport
import Testing
import WardenProtocol
import WorkspaceModel
import WorkspaceService

@Suite("Stored workspaces")
struct WorkspaceStoreTests {
    private static func files(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    @Test("another service finds what one has stored, with its files, its name and its numbers")
    func restart() async throws {
        let directory = try TemporaryDirectory()
        let (id, next): (WorkspaceID, Int64)
        do {
            let fixture = try Fixture(directory: directory.path)
            let workspace = try await fixture.make()
            try await workspace.change(name: "mine", tags: ["a"], ttl: nil, idle: nil)
            fixture.source.sandboxes.first?.pack(Array("content".utf8))
            await fixture.service.stop()
            (id, next) = (workspace.id, workspace.log.next)
            let late = await #expect(throws: APIError.self) { try await fixture.make() }
            #expect(late?.code == .shuttingDown)
        }
        #expect(try Self.files(directory.path).count == 2)
        let fixture = try Fixture(directory: directory.path)
        let workspace = try fixture.service.find(id, owner: RunOwner("one"))
        #expect(workspace.currentState == .stopped && workspace.summary.tags == ["a"])
        // The last states were told after the document was written.
        #expect(workspace.log.next >= next - 2)
        try await workspace.start()
        #expect(fixture.source.sandboxes.first?.orders.first == .unpack(replacing: true))
        await fixture.service.delete(workspace)
        #expect(try Self.files(directory.path).isEmpty)
    }

    @Test("a service that is killed while it writes leaves the old state, and its drafts go")
    func killed() async throws {
        let directory = try TemporaryDirectory()
        let fixture = try Fixture(directory: directory.path)
        let workspace = try await fixture.make()
        fixture.source.sandboxes.first?.pack(Array("old".utf8))
        try await workspace.stop()
        let before = try Self.files(directory.path)
        let archive = try #require(before.first { $0.hasSuffix(".tar") })
        // What a kill leaves: a draft, and an archive of which no document tells.
        try Data("half".utf8).write(to: URL(fileURLWithPath: directory.path + "/.draft-\(workspace.id)-1"))
        try Data("new".utf8).write(to: URL(fileURLWithPath: directory.path + "/\(workspace.id).7.tar"))
        let second = try Fixture(directory: directory.path)
        #expect(try Self.files(directory.path) == before)
        #expect(try String(contentsOfFile: directory.path + "/" + archive, encoding: .utf8) == "old")
        try await second.service.find(workspace.id, owner: RunOwner("one")).start()
    }

    @Test("files that were changed outside are not used, and are kept")
    func damaged() async throws {
        let directory = try TemporaryDirectory()
        let fixture = try Fixture(directory: directory.path)
        let workspace = try await fixture.make()
        fixture.source.sandboxes.first?.pack(Array("old".utf8))
        try await workspace.stop()
        let archive = try #require(try Self.files(directory.path).first { $0.hasSuffix(".tar") })
        try Data("odd".utf8).write(to: URL(fileURLWithPath: directory.path + "/" + archive))
        let error = await #expect(throws: APIError.self) { try await workspace.start() }
        #expect(error?.code == .workspaceUnreadable && workspace.currentState == .stopped)
        #expect(try Self.files(directory.path).contains(archive))
    }

    @Test("the same files are not written twice")
    func unchanged() async throws {
        let directory = try TemporaryDirectory()
        let fixture = try Fixture(directory: directory.path)
        let workspace = try await fixture.make()
        fixture.source.sandboxes[0].pack(Array("same".utf8))
        try await workspace.stop()
        let before = try Self.files(directory.path)
        try await workspace.start()
        fixture.source.sandboxes[1].pack(Array("same".utf8))
        try await workspace.stop()
        #expect(try Self.files(directory.path) == before)
        try await workspace.start()
        fixture.source.sandboxes[2].pack(Array("other".utf8))
        try await workspace.stop()
        #expect(try Self.files(directory.path) != before)
    }
}
