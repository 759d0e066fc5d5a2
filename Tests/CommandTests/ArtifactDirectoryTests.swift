import Foundation
import Glibc
import LinuxSystem
import RunExecution
import RunModel
import SandboxSpec
import TestSupport
import Testing

@testable import nestbox

@Suite struct ArtifactDirectoryTests {
    private let directory: TemporaryDirectory
    private let outside: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        outside = try TemporaryDirectory()
        try outside.write("content", to: "source")
        try outside.write("secret", to: "secret")
    }

    private func source() throws -> OwnedDescriptor {
        try Files.open(outside.path + "/source", flags: O_RDONLY)
    }

    private func write(_ path: String, limit: Int64 = 100) throws -> Int64 {
        try ArtifactDirectory(path: directory.path).write(try BoxPath(path), from: try source(), limit: limit)
    }

    @Test func filesAndTheirDirectoriesAreMade() throws {
        #expect(try write("a/b/c.txt") == 7)
        #expect(try write("a/b/d.txt") == 7)
        #expect((try? directory.text("a/b/c.txt")) == "content")
        #expect((try? directory.text("a/b/d.txt")) == "content")
    }

    @Test func aDirectoryThatIsMissingIsMade() throws {
        let inner = try ArtifactDirectory(path: directory.path + "/new")
        #expect(try inner.write(try BoxPath("x"), from: try source(), limit: 100) == 7)
        #expect((try? directory.text("new/x")) == "content")
    }

    @Test func nothingThereIsOverwritten() throws {
        try directory.write("mine", to: "kept")
        #expect(throws: ArtifactRefusal.self) { try write("kept") }
        #expect((try? directory.text("kept")) == "mine")
    }

    @Test func aLinkInPlaceOfTheFileIsNotFollowed() throws {
        symlink(outside.path + "/secret", directory.path + "/link")
        symlink(outside.path + "/new", directory.path + "/dangling")
        #expect(throws: ArtifactRefusal.self) { try write("link") }
        #expect(throws: ArtifactRefusal.self) { try write("dangling") }
        #expect((try? outside.text("secret")) == "secret")
        #expect((try? outside.text("new")) == nil)
    }

    @Test func aLinkInPlaceOfADirectoryIsNotFollowed() throws {
        symlink(outside.path, directory.path + "/way")
        symlink("..", directory.path + "/up")
        #expect(throws: ArtifactRefusal.self) { try write("way/new") }
        #expect(throws: ArtifactRefusal.self) { try write("way/deeper/new") }
        #expect(throws: ArtifactRefusal.self) { try write("up/new") }
        #expect((try? outside.text("new")) == nil)
        #expect(Set(try FileManager.default.contentsOfDirectory(atPath: outside.path)) == ["source", "secret"])
    }

    @Test func aFileInPlaceOfADirectoryIsRefused() throws {
        try directory.write("mine", to: "file")
        #expect(throws: ArtifactRefusal.self) { try write("file/x") }
    }

    @Test func moreThanWasAnnouncedIsRefusedAndRemoved() throws {
        #expect(throws: ArtifactRefusal.self) { try write("long", limit: 6) }
        #expect((try? directory.text("long")) == nil)
        #expect(try write("exact", limit: 7) == 7)
    }

    @Test func onlyRegularFilesAreCopied() throws {
        let target = try ArtifactDirectory(path: directory.path)
        let opened = try Files.openDirectory(outside.path)
        #expect(throws: ArtifactRefusal.self) { try target.write(try BoxPath("x"), from: opened, limit: 100) }
        let device = try Files.open("/dev/zero", flags: O_RDONLY)
        #expect(throws: ArtifactRefusal.self) { try target.write(try BoxPath("x"), from: device, limit: 100) }
        #expect((try? directory.text("x")) == nil)
    }

    @Test func anOutputThatIsNoDirectoryIsNamed() throws {
        try directory.write("mine", to: "file")
        do {
            _ = try ArtifactDirectory(path: directory.path + "/file")
            Issue.record("a file was taken for a directory")
        } catch {
            #expect(error.code == .artifactFailed)
            #expect(error.message.contains(directory.path + "/file"))
        }
    }
}
