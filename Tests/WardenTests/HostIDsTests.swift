import Glibc
import LinuxSystem
import SandboxSpec
import TestSupport
import Testing

@testable import Warden

@Suite("Host ids")
struct HostIDsTests {
    /// A range of its own, so that a warden at work on this machine is not met.
    private func configuration(_ directory: TemporaryDirectory, block: UInt32 = 64, blocks: UInt32 = 2)
        -> WardenConfiguration
    {
        var configuration = WardenConfiguration()
        configuration.lockFile = directory.path + "/ids.lock"
        configuration.firstID = 100_000
        configuration.idBlock = block
        configuration.idBlocks = blocks
        return configuration
    }

    /// The ids left; all of them are taken afterwards.
    private func takeAll(_ ids: HostIDs) -> [UInt32] {
        var taken: [UInt32] = []
        while taken.count < 100_000 {
            do throws(StageFailure) { taken.append(try ids.take()) } catch {
                #expect(error == StageFailure(stage: "host_ids", errno: EAGAIN, object: "id block"))
                break
            }
        }
        return taken
    }

    @Test("come in pairs, none of them the zygotes'")
    func pairs() throws {
        let directory = try TemporaryDirectory()
        let ids = try HostIDs(configuration(directory))
        #expect(ids.zygote == 100_000)
        let taken = takeAll(ids)
        #expect(taken.count == 31)
        let both = taken.flatMap { [$0, $0 + 1] }
        #expect(Set(both).count == 62)
        #expect(both.allSatisfy { (100_001..<100_064).contains($0) })
    }

    @Test("of two wardens never meet, and a third finds none")
    func wardens() throws {
        let directory = try TemporaryDirectory()
        let configuration = configuration(directory)
        let first = try HostIDs(configuration)
        var second: HostIDs? = try HostIDs(configuration)
        let ours = Set(takeAll(first).flatMap { [$0, $0 + 1] } + [first.zygote])
        let theirs = Set(try takeAll(#require(second)).flatMap { [$0, $0 + 1] } + [try #require(second).zygote])
        #expect(ours.count == 63 && theirs.count == 63 && ours.isDisjoint(with: theirs))
        #expect(throws: StageFailure(stage: "host_ids", errno: EAGAIN, object: "all id blocks")) {
            try HostIDs(configuration)
        }
        // A warden that has ended gives its block back.
        second = nil
        let third = try HostIDs(configuration)
        #expect(Set(takeAll(third).flatMap { [$0, $0 + 1] } + [third.zygote]) == theirs)
    }

    @Test("rest before they are used again")
    func rotation() throws {
        let directory = try TemporaryDirectory()
        let ids = try HostIDs(configuration(directory))
        let first = try ids.take()
        ids.giveBack(first)
        var between: [UInt32] = []
        while let next = try? ids.take(), next != first { between.append(next) }
        #expect(between.count == 30, "every other one comes before")
    }

    @Test("are unique among the living through a long life")
    func life() throws {
        let directory = try TemporaryDirectory()
        let ids = try HostIDs(configuration(directory, block: 8192))
        var living: [UInt32] = []
        var alive: Set<UInt32> = []
        var state: UInt64 = 1
        for _ in 0..<100_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            if living.isEmpty || (state >> 33) & 1 == 0 && living.count < 4000 {
                let id = try ids.take()
                #expect(alive.insert(id).inserted)
                living.append(id)
            } else {
                let id = living.remove(at: Int((state >> 34) % UInt64(living.count)))
                alive.remove(id)
                ids.giveBack(id)
            }
        }
        #expect(takeAll(ids).count == 4095 - living.count, "none is lost")
    }

    @Test("need a lock file that is no link")
    func lockFile() throws {
        let directory = try TemporaryDirectory()
        var configuration = configuration(directory)
        #expect(symlink("/etc/passwd", configuration.lockFile) == 0)
        #expect(throws: StageFailure(stage: "host_ids", errno: ELOOP, object: configuration.lockFile)) {
            try HostIDs(configuration)
        }
        configuration.lockFile = directory.path + "/none/ids.lock"
        #expect(throws: StageFailure(stage: "host_ids", errno: ENOENT, object: configuration.lockFile)) {
            try HostIDs(configuration)
        }
    }
}
