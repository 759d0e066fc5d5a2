import Foundation
import Glibc
import LinuxSystem
import SandboxSpec
import Testing

@testable import CgroupDiscovery
@testable import Cgroups

@Suite("Removal of groups")
struct RemovalTests {
    @Test("sandboxes of a dead warden are ended in lots of 64, with 50 ms between")
    func pace() {
        var pauses: [(after: Int, milliseconds: Int32)] = []
        var count = 0
        var pace = EndPace { pauses.append((count, $0)) }
        for _ in 0..<200 {
            pace.next()
            count += 1
        }
        #expect(pauses.map(\.after) == [64, 128, 192])
        #expect(pauses.allSatisfy { $0.milliseconds == 50 })
    }

    @Test("what cannot be removed costs one time for all of it, and later only a look")
    func known() throws {
        let fake = try FakeHost(.unified)
        defer { fake.tearDown() }
        let names = (0..<20).map { "nestbox-2147483647-\($0)" }
        for name in names { try Files.makeDirectory("\(fake.root)/unified/\(name)") }
        fake.busy = Set(names.map { "unified/\($0)" })
        let paths = names.map { "\(fake.root)/unified/\($0)" }
        var waited: Int32 = 0
        let removal = GroupRemoval(operations: fake, rounds: 100, pause: { waited += $0 })
        let first = removal.run(paths)
        #expect(first.count == 20 && first.allSatisfy { !$0.isKnown })
        #expect((500...1100).contains(waited), "\(waited) ms for all of them together")
        waited = 0
        let second = removal.run(paths)
        #expect(second.count == 20 && second.allSatisfy(\.isKnown))
        #expect(waited == 0)
        fake.busy = []
        #expect(removal.run(paths) == [])
    }

    @Test("TCP buffers are bounded with loopback on v1, and on that alone")
    func buffers() throws {
        let limits = Limits.maximum
        func files(_ version: CgroupHierarchy.Version, _ network: NetworkAccess) -> [String] {
            LeafSetting.settings(for: limits, initProcesses: 1, network: network) { _ in version }.map(\.file)
        }
        let file = "memory.kmem.tcp.limit_in_bytes"
        #expect(files(.v1, .loopback).contains(file))
        #expect(!files(.v1, .none).contains(file) && !files(.v2, .loopback).contains(file))
    }
}
