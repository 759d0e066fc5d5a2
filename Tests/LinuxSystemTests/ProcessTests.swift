import Glibc
import LinuxSystem
import TestSupport
import Testing

@Suite("Processes")
struct ProcessTests {
    @Test("are signalled and waited for by descriptor")
    func descriptor() throws {
        let child = try Child(["sleep", "1000"])
        let process = try PidDescriptor.open(child.pid)
        let number = process.number
        try PidDescriptor.signal(number, 0)
        #expect(!isReadable(number))
        try PidDescriptor.signal(number, SIGTERM)
        #expect(isReadable(number, milliseconds: 10_000))
        #expect(child.wait() == SIGTERM)
        #expect(errnoOf { try PidDescriptor.signal(number, 0) } == ESRCH)
        #expect(errnoOf { try PidDescriptor.signal(number, SIGKILL) } == ESRCH)
        #expect(isReadable(number), "still says that it has ended")
    }

    @Test("that are no processes have no descriptor")
    func nobody() {
        #expect(errnoOf { _ = try PidDescriptor.open(0) } == EINVAL)
        #expect(errnoOf { _ = try PidDescriptor.open(-1) } == EINVAL)
        #expect(errnoOf { _ = try PidDescriptor.open(Int32.max) } == ESRCH)
    }

    @Test("every number that a kernel can give has a name and words", arguments: 1...531)
    func errors(number: Int32) {
        // Numbers that Linux has left out.
        let unused: Set<Int32> = [41, 58, 520]
        let isKnown = number <= 133 || number >= 512
        let text = errnoDescription(number)
        #expect(text.contains("unknown error") == (!isKnown || unused.contains(number)), "\(number): \(text)")
        #expect(!text.contains("?"))
    }

    @Test("that have been killed are reaped without waiting")
    func reapingLater() throws {
        let child = try Child(["sleep", "1000"])
        #expect(!hasEnded(child: child.pid))
        kill(child.pid, SIGKILL)
        var tries = 0
        while !hasEnded(child: child.pid), tries < 5000 {
            usleep(1000)
            tries += 1
        }
        #expect(tries < 5000)
        #expect(hasEnded(child: child.pid), "somebody else's, or nobody's")
    }

    @Test("the score of the kernel's memory killer is as low as it may be")
    func memoryKiller() {
        let before = MemoryKiller.current()
        // Only asks for what this process is already.
        #expect(MemoryKiller.lower(to: before) == before)
    }

    @Test("are reaped")
    func reaping() throws {
        let child = try Child(["sleep", "1000"])
        kill(child.pid, SIGKILL)
        waitFor(child: child.pid)
        #expect(kill(child.pid, 0) == -1 && errno == ESRCH)
    }

    @Test("on a list are killed, those that have left it are not")
    func listed() throws {
        let (staying, leaving) = (try Child(["sleep", "1000"]), try Child(["sleep", "1000"]))
        var readings = 0
        let killed = try ListedProcesses.kill { () throws(SystemCallError) in
            readings += 1
            // A number that nobody has, ourselves and pid 1 are passed over.
            return readings == 1 ? [staying.pid, leaving.pid, getpid(), 1, Int32.max] : [staying.pid]
        }
        #expect(killed == 1 && readings == 2)
        #expect(staying.wait() == SIGKILL)
        #expect(kill(leaving.pid, 0) == 0)
        #expect(try ListedProcesses.kill { () throws(SystemCallError) in [] } == 0)
    }

    @Test("may have all the descriptors they are allowed")
    func descriptorLimit() throws {
        let limit = try raiseDescriptorLimit()
        var found = rlimit()
        #expect(getrlimit(__rlimit_resource_t(7), &found) == 0)  // RLIMIT_NOFILE
        #expect(found.rlim_cur == found.rlim_max && limit == Int(clamping: min(found.rlim_cur, 0x7fff_ffff)))
    }
}

@Suite("Terminals")
struct TerminalTests {
    @Test("have a size")
    func size() throws {
        let terminal = try Files.open("/dev/ptmx", flags: O_RDWR | O_NOCTTY)
        for (rows, columns): (UInt16, UInt16) in [(24, 80), (0, 0), (.max, .max), (1, 65_000)] {
            try Terminal.resize(terminal.number, rows: rows, columns: columns)
            let size = try Terminal.size(of: terminal.number)
            #expect(size.rows == rows && size.columns == columns)
        }
        let pipe = try Pipe.make()
        let number = pipe.first.number
        #expect(errnoOf { try Terminal.resize(number, rows: 1, columns: 1) } == ENOTTY)
        #expect(errnoOf { _ = try Terminal.size(of: number) } == ENOTTY)
    }
}
