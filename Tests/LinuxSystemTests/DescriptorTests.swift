import Glibc
import LinuxSystem
import TestSupport
import Testing

@Suite("Descriptors")
struct DescriptorTests {
    @Test("are closed when their owner goes")
    func owned() throws {
        let reader: OwnedDescriptor
        do {
            let pipe = try Pipe.make()
            reader = try pipe.first.duplicate()
            #expect(!isReadable(reader.number))
        }
        #expect(isReadable(reader.number), "end of file: the writing end is closed")
    }

    @Test("stay open when they are given up")
    func released() throws {
        let pair = try Pipe.make()
        let number = try pair.second.duplicate().release()
        #expect(fcntl(number, F_GETFD) == FD_CLOEXEC)
        #expect(close(number) == 0)
    }

    @Test("are duplicated close-on-exec")
    func duplicated() throws {
        let pipe = try Pipe.make()
        let copy = try pipe.second.duplicate()
        #expect(copy.number != pipe.second.number)
        #expect(fcntl(copy.number, F_GETFD) == FD_CLOEXEC)
        #expect(write(copy.number, [1], 1) == 1)
        #expect(isReadable(pipe.first.number))
    }

    @Test("are close-on-exec from the start")
    func closeOnExecution() throws {
        let pipe = try Pipe.make()
        let pair = try PacketSocket.pair()
        let memory = try MemoryFile.empty(name: "test")
        let file = try Files.open("/dev/null", flags: O_RDONLY)
        let timer = try TimerDescriptor()
        let process = try PidDescriptor.open(getpid())
        let numbers = [
            pipe.first.number, pipe.second.number, pair.first.number, pair.second.number, memory.number, file.number,
            timer.descriptor.number, process.number,
        ]
        for number in numbers { #expect(fcntl(number, F_GETFD) == FD_CLOEXEC, "\(number)") }
        let plain = dup(file.number)
        #expect(fcntl(plain, F_GETFD) == 0)
        try closeOnExec(plain)
        #expect(fcntl(plain, F_GETFD) == FD_CLOEXEC)
        close(plain)
        #expect(errnoOf { try closeOnExec(-1) } == EBADF)
    }

    @Test("of memory are immutable once sealed")
    func sealed() throws {
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        let file = try MemoryFile.sealed(bytes, name: "test")
        let number = file.number
        #expect(MemoryFile.isSealed(number))
        #expect(try Files.status(of: number).size == 100_000)
        #expect(pwrite(number, [1], 1, 0) == -1 && errno == EPERM)
        #expect(ftruncate(number, 0) == -1 && errno == EPERM)
        #expect(ftruncate(number, 200_000) == -1 && errno == EPERM)
        #expect(mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, number, 0) == MAP_FAILED)
        #expect(lseek(number, 0, SEEK_SET) == 0)
        #expect(try Files.read(number, limit: 200_000) == bytes)
    }

    @Test("of memory may be empty")
    func emptyFile() throws {
        let file = try MemoryFile.sealed([], name: "test")
        #expect(MemoryFile.isSealed(file.number))
        #expect(try Files.status(of: file.number).size == 0)
    }

    @Test("count as sealed only with every seal")
    func unsealed() throws {
        let memory = try MemoryFile.empty(name: "test")
        #expect(!MemoryFile.isSealed(memory.number))
        let addSeals: Int32 = 1033  // F_ADD_SEALS
        #expect(fcntl(memory.number, addSeals, 0x2 | 0x4 | 0x8) == 0)  // all but F_SEAL_SEAL
        #expect(!MemoryFile.isSealed(memory.number))
        try MemoryFile.seal(memory)
        #expect(MemoryFile.isSealed(memory.number))
        let scratch = try TemporaryDirectory()
        let file = try Files.open(try scratch.write("", to: "plain"), flags: O_RDONLY)
        let pipe = try Pipe.make()
        for number in [file.number, pipe.first.number, -1] { #expect(!MemoryFile.isSealed(number)) }
    }

    @Test("count events")
    func counter() throws {
        let counter = try EventCounter()
        #expect(!isReadable(counter.number))
        #expect(try counter.drain() == 0)
        for amount: UInt64 in [3, 4] {
            var value = amount
            #expect(write(counter.number, &value, 8) == 8)
        }
        #expect(isReadable(counter.number))
        #expect(try counter.drain() == 7)
        #expect(!isReadable(counter.number))
    }
}
