import TestSupport
import Testing

@testable import CgroupDiscovery
@testable import Cgroups

@Suite struct KernelTextTests {
    private func number(_ text: String) -> Int64? { KernelText.number(Array(text.utf8)[...]) }

    @Test func numbers() {
        #expect(number("0\n") == 0)
        #expect(number("9223372036854775807\n") == .max)
        for bad in ["", "\n", "max\n", "-1\n", "+1", "1 2\n", "9223372036854775808\n", "99999999999999999999", "1\n\n"]
        {
            #expect(number(bad) == nil, "\(bad)")
        }
    }

    @Test func keyedFiles() {
        let text = Array("low 0\noom 1\noom_kill 2\noom_group_kill 3".utf8)[...]
        #expect(KernelText.value(of: "oom_kill", in: text) == 2)
        #expect(KernelText.value(of: "oom_group_kill", in: text) == 3)
        #expect(KernelText.value(of: "kill", in: text) == nil)
        #expect(KernelText.value(of: "oom", in: Array("oom\noom x\n".utf8)[...]) == nil)
    }

    @Test func wardenNames() {
        #expect(WardenName("nestbox-12-345") == WardenName(pid: 12, startTime: 345))
        for bad in [
            "nestbox", "nestbox-", "nestbox-1", "nestbox-1-", "nestbox-1-2-3", "nestbox-01-2", "nestbox-+1-2",
            "nestbox-0-1",
            "nestbox--1-2", "nestbox-1-2 ", "Nestbox-1-2", "nestbox-99999999999-1", "nestbox-1-99999999999999999999",
            "init-1-2",
        ] { #expect(WardenName(bad) == nil, "\(bad)") }
    }

    @Test func ownNameIsAlive() throws {
        let name = try WardenName.current()
        #expect(try name.isAlive())
        #expect(try !WardenName(pid: name.pid, startTime: name.startTime + 1).isAlive())
        #expect(WardenName(name.description) == name)
    }

    @Test func bandwidthFitsTheKernel() {
        #expect(CPUBandwidth(millicpus: 1000) == CPUBandwidth(millicpus: 1000))
        #expect(CPUBandwidth(millicpus: 1000).period == 100_000)
        #expect(CPUBandwidth(millicpus: 1000).quota == 100_000)
        #expect(CPUBandwidth(millicpus: 1000).quotaNanoseconds == 100_000_000)
        #expect(CPUBandwidth(millicpus: 10).period == 100_000)
        for share: Int64 in [10, 11, 33, 49, 50, 51, 999, 1500, 1_024_000] {
            let bandwidth = CPUBandwidth(millicpus: share)
            #expect(bandwidth.quota >= 1000 && (1000...1_000_000).contains(bandwidth.period))
            // No more than a thousandth above what was asked for.
            #expect(bandwidth.quota * 1000 <= bandwidth.period * share + share)
        }
        for extreme: Int64 in [.min, -1, 0, 1, .max] { #expect(CPUBandwidth(millicpus: extreme).quota >= 1000) }
    }

    /// Whatever the bytes are: an answer, never a trap.
    @Test func noiseIsHarmless() {
        var generator = SeededGenerator(seed: 42)
        let alphabet = Array("0123456789 \n-/:.,\\rwcgroup2memorypidscpu".utf8) + [0, 0x80, 0xff]
        let seeds = [
            "31 23 0:28 / /sys/fs/cgroup rw,relatime shared:1 - cgroup2 cgroup2 rw", "4:memory:/a/b", "usage_usec 12\n",
            "nestbox-12-345",
        ].map { Array($0.utf8) }
        for round in 0..<20_000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0..<Int(generator.next() % 12) {
                let byte = alphabet[Int(generator.next() % UInt64(alphabet.count))]
                let at = Int(generator.next() % UInt64(bytes.count + 1))
                if at < bytes.count && generator.next() % 2 == 0 {
                    bytes[at] = byte
                } else {
                    bytes.insert(byte, at: at)
                }
            }
            _ = MountInfo.cgroupMounts(in: bytes)
            for own in OwnCgroup.parse(bytes) {
                for mount in MountInfo.cgroupMounts(in: seeds[0]) {
                    let directory = own.directory(through: mount)
                    #expect(directory?.hasPrefix("/sys/fs/cgroup") ?? true)
                }
            }
            _ = KernelText.number(bytes[...])
            _ = KernelText.value(of: "usage_usec", in: bytes[...])
            _ = KernelText.pids(bytes[...])
            _ = KernelText.words(bytes[...])
            let text = String(decoding: bytes, as: UTF8.self)
            if let name = WardenName(text) { #expect(name.description == text) }
        }
    }

    @Test func amountsOfProc() {
        let text = Array("Name:\tVmHWM: 3 kB\nVmPeak:\t    9 kB\nVmHWM:\t    1234 kB\nVmRSS:\t 12 kB\nVmX:\t 5\n".utf8)[
            ...]
        #expect(KernelText.kibibytes(of: "VmHWM:", in: text) == 1_263_616)
        #expect(KernelText.kibibytes(of: "VmX:", in: text) == nil)
        #expect(KernelText.kibibytes(of: "VmSwap:", in: text) == nil)
        let large = Array("VmHWM:\t9223372036854775807 kB\n".utf8)[...]
        #expect(KernelText.kibibytes(of: "VmHWM:", in: large) == nil)
    }
}
