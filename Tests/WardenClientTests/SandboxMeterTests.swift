import Glibc
import LinuxSystem
import Testing
import WardenClient

@Suite struct SandboxMeterTests {
    private func file(_ text: String) throws -> SharedDescriptor {
        SharedDescriptor(try MemoryFile.sealed(Array(text.utf8), name: "meter"))
    }

    private func meter(cpu: String, memory: String) throws -> SandboxMeter {
        SandboxMeter(cpu: try file(cpu), memory: try file(memory))
    }

    @Test func bothVersionsOfTheKernelsFilesAreRead() throws {
        let first = try meter(cpu: "123456789\n", memory: "cache 4096\nrss 8192\nrss_huge 1\nshmem 100\n")
        #expect(first.cpuTime == 123_456_789 && first.ownMemory == 8292)
        let second = try meter(cpu: "usage_usec 1234\nuser_usec 1000\nsystem_usec 234\n", memory: "anon 5\nfile 7\n")
        #expect(second.cpuTime == 1_234_000 && second.ownMemory == 5)
        // The same again: it reads from the beginning.
        #expect(second.cpuTime == 1_234_000)
        second.close()
        #expect(second.cpuTime == nil && second.ownMemory == nil)
    }

    @Test(arguments: [
        "", "\n", "x\n", "-1\n", "1x\n", "99999999999999999999\n", "usage_usec\n", "usage_usec x\n",
        "usage_usec 9223372036854775807\n", "user_usec 5\n",
    ])
    func whatIsNoNumberIsNone(text: String) throws {
        #expect(try meter(cpu: text, memory: text).cpuTime == nil)
        #expect(try meter(cpu: text, memory: text).ownMemory == nil)
    }

    @Test func numbersThatAreTooLargeTogetherAreNone() throws {
        let text = "rss 9223372036854775807\nshmem 9223372036854775807\n"
        #expect(try meter(cpu: "1", memory: text).ownMemory == nil)
        #expect(try meter(cpu: "1", memory: text).cpuTime == 1)
    }
}
