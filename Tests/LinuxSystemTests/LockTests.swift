import Glibc
import LinuxSystem
import TestSupport
import Testing

@Suite("Locks")
struct LockTests {
    @Test("of bytes belong to one open file")
    func bytes() throws {
        let scratch = try TemporaryDirectory()
        let path = try scratch.write("", to: "lock")
        let second = try Files.open(path, flags: O_RDWR)
        let copy: OwnedDescriptor
        do {
            let first = try Files.open(path, flags: O_RDWR)
            #expect(try Files.lockByte(0, of: first.number))
            #expect(try Files.lockByte(0, of: first.number), "it is its own")
            #expect(try !Files.lockByte(0, of: second.number))
            #expect(try Files.lockByte(1, of: second.number), "another byte")
            #expect(try !Files.lockByte(1, of: first.number))
            copy = try first.duplicate()
        }
        #expect(try !Files.lockByte(0, of: second.number), "a duplicate keeps it")
        close(copy.release())
        #expect(try Files.lockByte(0, of: second.number), "gone with the last descriptor")
    }

    @Test("of bytes need a file that may be written")
    func readOnly() throws {
        let scratch = try TemporaryDirectory()
        let file = try Files.open(try scratch.write("", to: "lock"), flags: O_RDONLY)
        let number = file.number
        #expect(errnoOf { _ = try Files.lockByte(0, of: number) } == EBADF)
        #expect(errnoOf { _ = try Files.lockByte(-1, of: number) } != 0)
    }

    @Test("of directories belong to one open file")
    func directories() throws {
        let scratch = try TemporaryDirectory()
        let first = try Files.openDirectory(scratch.path)
        let second = try Files.openDirectory(scratch.path)
        #expect(try first.tryLock())
        #expect(try first.tryLock())
        #expect(try !second.tryLock())
        close(first.release())
        #expect(try second.tryLock())
    }
}
