import Glibc
import LinuxSystem
import TestSupport
import Testing

@Suite("Small files")
struct FilesTests {
    @Test("are read to their end or to a limit")
    func reading() throws {
        let scratch = try TemporaryDirectory()
        let bytes = (0..<70_000).map { UInt8(truncatingIfNeeded: $0) }
        let path = try scratch.write(bytes, to: "data")
        #expect(try Files.read(path) == Array(bytes.prefix(65_536)))
        #expect(try Files.read(path, limit: 100_000) == bytes)
        #expect(try Files.read(path, limit: 3) == [0, 1, 2])
        #expect(try Files.read(path, limit: 0) == [])
        let directory = try Files.openDirectory(scratch.path)
        #expect(try Files.read("data", at: directory.number, limit: 1) == [0])
        #expect(errnoOf { _ = try Files.read(scratch.path) } == EISDIR)
        #expect(errnoOf { _ = try Files.read(scratch.path + "/none") } == ENOENT)
    }

    @Test("are written only if they are there")
    func writing() throws {
        let scratch = try TemporaryDirectory()
        let path = try scratch.write("", to: "setting")
        try Files.write("max", to: path)
        #expect(try Files.read(path) == Array("max".utf8))
        #expect(errnoOf { try Files.write("1", to: scratch.path + "/none") } == ENOENT)
        #expect(try !Files.entries(of: Files.openDirectory(scratch.path)).contains("none"))
        #expect(errnoOf { try Files.write("1", to: "/dev/full") } == ENOSPC)
        let pipe = try Pipe.make()
        try Files.writeAll("some text", to: pipe.second.number)
        #expect(try Files.read(pipe.first.number, limit: 9) == Array("some text".utf8))
    }

    @Test("name the call and the path when they fail")
    func errors() throws {
        do {
            _ = try Files.open("/nowhere/file", flags: O_RDONLY)
            Issue.record("opened")
        } catch {
            #expect(error == SystemCallError("openat", errno: ENOENT, object: "/nowhere/file"))
            #expect(error.description == "openat /nowhere/file: ENOENT, No such file or directory (errno 2)")
        }
        #expect(
            SystemCallError("x", errno: 4000).description
                == "x: unknown error, of a number that no Linux is known to give (errno 4000)")
    }

    @Test("do not follow links to directories")
    func directories() throws {
        let scratch = try TemporaryDirectory()
        let top = try Files.openDirectory(scratch.path)
        try Files.makeDirectory("inner", at: top.number, mode: 0o700)
        #expect(symlink("inner", scratch.path + "/link") == 0)
        _ = try scratch.write("", to: "plain")
        let number = top.number
        #expect(try Files.status("inner", at: number).permissions == 0o700)
        #expect(errnoOf { _ = try Files.openDirectory("link", at: number) } == ENOTDIR)
        #expect(errnoOf { _ = try Files.openDirectory("plain", at: number) } == ENOTDIR)
        #expect(errnoOf { try Files.makeDirectory("inner", at: number) } == EEXIST)
        #expect(errnoOf { try Files.removeDirectory("plain", at: number) } == ENOTDIR)
        #expect(try Files.entries(of: top).sorted() == ["inner", "link", "plain"])
        // A second look starts at the front again.
        #expect(try Files.entries(of: top).count == 3)
        try Files.removeDirectory("inner", at: number)
        #expect(errnoOf { try Files.removeDirectory("inner", at: number) } == ENOENT)
    }

    @Test("say what they are")
    func status() throws {
        let scratch = try TemporaryDirectory()
        let path = try scratch.write([1, 2, 3], to: "plain")
        #expect(chmod(path, 0o4751) == 0)
        #expect(symlink("some/where", scratch.path + "/link") == 0)
        #expect(mkfifo(scratch.path + "/fifo", 0o600) == 0)
        let plain = try Files.status(path)
        #expect(plain.kind == .regular && plain.size == 3 && plain.permissions == 0o4751 && plain.owner == geteuid())
        #expect(try Files.status(scratch.path + "/link").kind == .symbolicLink)
        #expect(try Files.readLink(scratch.path + "/link") == "some/where")
        #expect(try Files.status(scratch.path + "/fifo").kind == .other)
        #expect(try Files.status(scratch.path).kind == .directory)
        #expect(try Files.status("/dev/null").kind == .other)
        #expect(errnoOf { _ = try Files.status(of: -1) } == EBADF)
        #expect(errnoOf { _ = try Files.readLink(path) } == EINVAL)
    }

    @Test("change hands", .enabled(if: geteuid() == 0))
    func ownership() throws {
        let scratch = try TemporaryDirectory()
        let path = try scratch.write("", to: "plain")
        try Files.changeOwner(path, user: 700_000_001)
        #expect(try Files.status(path).owner == 700_000_001)
        let pipe = try Pipe.make()
        try Files.changeOwner(of: pipe.first.number, user: 700_000_003)
        #expect(try Files.status(of: pipe.second.number).owner == 700_000_003, "a pipe has one owner")
        // A link is changed itself, not what it names.
        #expect(symlink(path, scratch.path + "/link") == 0)
        try Files.changeOwner(scratch.path + "/link", user: 700_000_005)
        #expect(try Files.status(path).owner == 700_000_001)
        #expect(try Files.status(scratch.path + "/link").owner == 700_000_005)
    }

    @Test("say how full their file system is")
    func space() throws {
        let directory = try Files.openDirectory("/dev/shm")
        let space = try Files.space(of: directory.number)
        #expect(space.bytes > 0 && (0...space.bytes).contains(space.freeBytes))
        #expect(space.inodes > 0 && (0...space.inodes).contains(space.freeInodes))
        #expect(errnoOf { _ = try Files.space(of: -1) } == EBADF)
    }

    @Test("of the kernel are read again and again")
    func kernelFiles() throws {
        let scratch = try TemporaryDirectory()
        let path = try scratch.write(Array("12\n".utf8), to: "value")
        let file = try KernelFile(path)
        var buffer = [UInt8](repeating: 0, count: 16)
        #expect(try file.read(into: &buffer) == 3)
        try Files.write("7890\n", to: path)
        #expect(try file.read(into: &buffer) == 5)
        #expect(buffer.prefix(5) == Array("7890\n".utf8)[...])
        var exact = [UInt8](repeating: 0, count: 5)
        do throws(SystemCallError) {
            _ = try file.read(into: &exact)
            Issue.record("nothing says that it was all")
        } catch {
            #expect(error.errno == EFBIG && error.object == path)
        }
    }
}
