import Glibc
import LinuxSystem
import TestSupport
import Testing

@Suite("Pollers")
struct PollerTests {
    @Test("give the numbers of what is ready")
    func tokens() throws {
        var poller = try Poller()
        let one = try OpenPipe()
        let two = try OpenPipe()
        let three = try OpenPipe()
        try poller.watch(one.reader, token: 1)
        try poller.watch(two.reader, token: .max)
        try poller.watch(three.reader, token: 3)
        #expect(write(two.writer, [1], 1) == 1)
        #expect(try poller.wait() == [.max])
        #expect(try poller.wait() == [.max], "until it is read")
        #expect(write(one.writer, [1], 1) == 1)
        #expect(try Set(poller.wait()) == [1, .max])
        poller.forget(two.reader)
        #expect(try poller.wait() == [1])
    }

    @Test("notice a hang-up")
    func hangUp() throws {
        var poller = try Poller()
        let pipe = try OpenPipe()
        try poller.watch(pipe.reader, token: 5)
        pipe.closeWriter()
        #expect(try poller.wait() == [5])
    }

    @Test("refuse what cannot be watched, and to watch twice")
    func refusals() throws {
        let poller = try Poller()
        let scratch = try TemporaryDirectory()
        let file = try Files.open(try scratch.write("", to: "plain"), flags: O_RDONLY)
        let pipe = try Pipe.make()
        try poller.watch(pipe.first.number, token: 1)
        func errno(watching number: Int32) -> Int32 {
            do throws(SystemCallError) {
                try poller.watch(number, token: 2)
                return 0
            } catch {
                return error.errno
            }
        }
        #expect(errno(watching: file.number) == EPERM)
        #expect(errno(watching: pipe.first.number) == EEXIST)
        #expect(errno(watching: -1) == EBADF)
        poller.forget(-1)
    }

    @Test("do not report more than 64 at once, and lose nothing")
    func many() throws {
        var poller = try Poller()
        var pipes: [OpenPipe] = []
        for token in 0..<UInt64(100) {
            let pipe = try OpenPipe()
            #expect(write(pipe.writer, [1], 1) == 1)
            try poller.watch(pipe.reader, token: token)
            pipes.append(pipe)
        }
        var seen: Set<UInt64> = []
        for _ in 0..<4 {
            let tokens = try poller.wait()
            #expect(tokens.count <= 64)
            seen.formUnion(tokens)
        }
        #expect(seen.count == pipes.count)
    }

    @Test("wake up for a timer")
    func timer() throws {
        var poller = try Poller()
        let timer = try TimerDescriptor()
        try poller.watch(timer.descriptor.number, token: 9)
        let start = monotonicNow()
        try timer.arm(at: start + 20_000_000)
        #expect(try poller.wait() == [9])
        #expect(monotonicNow() >= start + 20_000_000)
        // Armed for the past, for the beginning of time, and not at all.
        for moment: Int64? in [start, 0, -5, 1] {
            try timer.arm(at: moment)
            #expect(isReadable(timer.descriptor.number, milliseconds: 10_000))
        }
        try timer.arm(at: nil)
        #expect(!isReadable(timer.descriptor.number, milliseconds: 20))
        try timer.arm(at: .max)
        #expect(!isReadable(timer.descriptor.number))
    }

    @Test("go by a clock that does not go back")
    func clock() {
        var last = monotonicNow()
        for _ in 0..<1000 {
            let now = monotonicNow()
            #expect(now >= last)
            last = now
        }
    }
}
