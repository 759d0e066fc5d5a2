import SandboxSpec
import Testing

@Suite("Limits")
struct LimitsTests {
    private func failure(_ body: () throws(InvalidLimit) -> Limits) -> InvalidLimit? {
        do throws(InvalidLimit) {
            _ = try body()
            return nil
        } catch {
            return error
        }
    }

    @Test("are within their ranges, the ends included", arguments: LimitName.allCases)
    func ranges(name: LimitName) throws {
        let range = name.range
        #expect(range.lowerBound > 0, "nothing is not a limit")
        for value in [range.lowerBound, range.upperBound] {
            #expect(try Limits.maximum.setting(name, to: value)[name] == value)
            #expect(try Limits { $0 == name ? value : $0.range.upperBound }[name] == value)
        }
        for value in [range.lowerBound - 1, range.upperBound + 1, 0, -1, .min, .max] {
            let wanted = InvalidLimit(name: name, found: value)
            #expect(failure { () throws(InvalidLimit) in try Limits.maximum.setting(name, to: value) } == wanted)
            #expect(
                failure { () throws(InvalidLimit) in
                    try Limits { $0 == name ? value : $0.range.upperBound }
                } == wanted)
        }
    }

    @Test("keep the others when one is changed", arguments: LimitName.allCases)
    func setting(name: LimitName) throws {
        let changed = try Limits.maximum.setting(name, to: name.range.lowerBound)
        for other in LimitName.allCases where other != name { #expect(changed[other] == Limits.maximum[other]) }
        #expect(changed != Limits.maximum)
        #expect(try changed.setting(name, to: name.range.upperBound) == Limits.maximum)
    }

    @Test("are compared one by one", arguments: LimitName.allCases)
    func exceeding(name: LimitName) throws {
        let low = try Limits { $0.range.lowerBound }
        #expect(low.exceeding(low) == nil)
        #expect(low.exceeding(.maximum) == nil)
        let raised = try low.setting(name, to: name.range.lowerBound + 1)
        #expect(raised.exceeding(low) == name)
        #expect(low.exceeding(raised) == nil)
        #expect(Limits.maximum.exceeding(low) == .cpu, "the first of several")
    }

    @Test("are as large as they get in `maximum`")
    func maximum() {
        for name in LimitName.allCases { #expect(Limits.maximum[name] == name.range.upperBound) }
    }

    @Test("have names, an order and units that others rely on")
    func words() {
        #expect(
            LimitName.allCases.map(\.rawValue) == [
                "cpu", "wall", "idle", "memory", "stack", "processes", "output", "disk", "inodes", "file_size",
                "open_files", "cpus",
            ])
        #expect(
            LimitName.allCases.map(\.unit) == [
                .nanoseconds, .nanoseconds, .nanoseconds, .bytes, .bytes, .count, .bytes, .bytes, .count, .bytes,
                .count,
                .millicpus,
            ])
        #expect(
            InvalidLimit(name: .cpu, found: 0).description
                == "cpu is 0 nanoseconds, allowed is 1000000 to 86400000000000")
    }

    @Test("follow their leaders, unless they are given")
    func following() throws {
        let low = try Limits { $0.range.lowerBound }
        let led = try low.setting(.wall, to: 30_000_000_000).setting(.memory, to: 268_435_456)
            .setting(.disk, to: 67_108_864)
        let all = led.following(except: [])
        #expect(all[.idle] == 30_000_000_000 && all[.stack] == 234_881_024 && all[.fileSize] == 67_108_864)
        let some = led.following(except: [.idle, .fileSize])
        #expect(some[.idle] == led[.idle] && some[.stack] == 234_881_024 && some[.fileSize] == led[.fileSize])
        for name in LimitName.allCases where name.leader == nil { #expect(all[name] == led[name]) }
        // Wherever the leader is, the follower is in range, in whole pages, and below the memory.
        for end in [low, Limits.maximum] {
            let followed = end.following(except: [])
            for name in LimitName.allCases { #expect(name.range.contains(followed[name]), "\(name)") }
            #expect(followed[.stack] % 4096 == 0 && followed[.stack] < followed[.memory])
        }
        #expect(Limits.maximum.bounded(by: low, names: [.idle])[.idle] == low[.idle])
        #expect(Limits.maximum.bounded(by: low, names: [.idle])[.wall] == Limits.maximum[.wall])
        #expect(low.bounded(by: .maximum, names: LimitName.allCases) == low)
    }

    @Test("networks are ordered, and have names")
    func networks() {
        #expect(NetworkAccess.allCases.sorted() == [.none, .loopback, .egress])
        for network in NetworkAccess.allCases { #expect(NetworkAccess(name: network.name) == network) }
        for name in ["", "None", "host", "Egress", "loopback "] { #expect(NetworkAccess(name: name) == nil) }
    }

    @Test("leave room to compute with them", arguments: LimitName.allCases)
    func headroom(name: LimitName) {
        // A percentage of a limit, and a thousand of them together, stay in 64 bits.
        #expect(!name.range.upperBound.multipliedReportingOverflow(by: 1000).overflow)
    }
}
