import Foundation
import Policies
import SandboxSpec

/// What a filter must answer, said a second time and in another way: from the kernel's header, by name.
struct Model {
    enum Answer: UInt32 {
        case allow = 0x7fff_0000
        case notPermitted = 0x0005_0001  // EPERM
        case noSuchCall = 0x0005_0026  // ENOSYS
        case noSuchFamily = 0x0005_0061  // EAFNOSUPPORT
        case noSuchOption = 0x0005_005c  // ENOPROTOOPT
        case noSuchProtocol = 0x0005_005d  // EPROTONOSUPPORT
        case noSuchOperation = 0x0005_005f  // EOPNOTSUPP
        case noSuchRequest = 0x0005_0019  // ENOTTY
        case invalid = 0x0005_0016  // EINVAL
        case noMemory = 0x0005_000c  // ENOMEM
        case done = 0x0005_0000  // 0, and nothing happens
        case kill = 0x8000_0000
    }

    let allowed: Set<String>
    let network: NetworkAccess
    let names: [UInt32: String]
    /// The golden list, by call.
    let allowedValues: [String: Set<[UInt32]>]

    init(allowed: Set<String>, network: NetworkAccess) throws {
        self.allowed = allowed
        self.network = network
        names = try Self.header()
        let table = try ArgumentTable.load()
        allowedValues = Dictionary(
            uniqueKeysWithValues: Set(table.rows.map(\.call)).map { ($0, table.values($0, under: network)) })
    }

    /// Linux's own numbers (linux-libc-dev, which the C library's headers need): `#define __NR_read 0`.
    static func header() throws -> [UInt32: String] {
        let text = try String(contentsOfFile: "/usr/include/x86_64-linux-gnu/asm/unistd_64.h", encoding: .utf8)
        var names: [UInt32: String] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("#define __NR_") {
            let words = line.dropFirst("#define __NR_".count).split(separator: " ")
            if words.count == 2, let number = UInt32(words[1]) { names[number] = String(words[0]) }
        }
        return names
    }

    func answer(_ data: CallData) -> Answer {
        if data.architecture != 0xc000_003e { return .kill }
        // The x32 table has numbers to 547; a thousand are kept out.
        if (0x4000_0000..<0x4000_0400).contains(data.number) { return .kill }
        guard let name = names[data.number], allowed.contains(name) else { return .noSuchCall }
        // The kernel declares each of these parameters int or unsigned int, or uses its low half alone.
        let low = data.arguments.map { UInt32(truncatingIfNeeded: $0) }
        switch name {
        case "clone":
            // CLONE_FILES and CLONE_THREAD.
            if low[0] & 0x400 != 0, low[0] & 0x10000 == 0 { return .notPermitted }
            return Self.namespaces.contains { low[0] & $0.value != 0 } ? .notPermitted : .allow
        case "socket", "socketpair":
            switch low[0] {
            case 1: return .allow
            case 2, 10:
                guard network.hasSockets else { return .noSuchFamily }
                guard [1, 2].contains(low[1] & 0xf) else { return .notPermitted }
                return [0, low[1] & 0xf == 1 ? 6 : 17].contains(low[2]) ? .allow : .noSuchProtocol
            default: return .noSuchFamily
            }
        case "setsockopt", "getsockopt": return listed(name, [low[1], low[2]]) ? .allow : .noSuchOption
        case "sendto", "recvfrom", "sendmmsg", "recvmmsg": return low[3] & 1 == 0 ? .allow : .noSuchOperation
        case "sendmsg", "recvmsg": return low[2] & 1 == 0 ? .allow : .noSuchOperation
        case "ioctl": return listed(name, [low[1]]) ? .allow : .noSuchRequest
        case "fcntl": return listed(name, [low[1]]) ? .allow : .invalid
        case "fsync", "fdatasync", "sync_file_range": return .done
        case "msync": return low[2] & 4 == 0 ? .allow : .done
        case "fadvise64": return low[3] == 4 ? .done : .allow
        case "preadv2", "pwritev2":
            return low[5] & ~(0x1 | 0x2 | 0x4 | 0x10) == 0 ? .allow : .noSuchOperation
        case "pipe2": return low[1] & 0o200 == 0 ? .allow : .invalid
        case "mmap": return low[3] & 0x40000 == 0 ? .allow : .noMemory
        case "memfd_create": return low[1] & 4 == 0 ? .allow : .invalid
        case "shmget": return low[2] & 0o4000 == 0 ? .allow : .notPermitted
        case "madvise": return listed(name, [low[2]]) ? .allow : .invalid
        case "prctl": return listed(name, [low[0]]) ? .allow : low[0] == 0x5356_4d41 ? .invalid : .notPermitted
        case "personality": return low[0] == 0 || low[0] == 0xffff_ffff ? .allow : .notPermitted
        case "setrlimit": return low[0] == 4 ? .done : .allow
        case "prlimit64":
            guard low[1] == 4, data.arguments[2] != 0 else { return .allow }
            return data.arguments[3] == 0 ? .done : .notPermitted
        default: return .allow
        }
    }

    private func listed(_ call: String, _ values: [UInt32]) -> Bool {
        allowedValues[call]?.contains(values) ?? false
    }

    /// linux/sched.h
    static let namespaces: [String: UInt32] = [
        "CLONE_NEWNS": 0x0002_0000, "CLONE_NEWCGROUP": 0x0200_0000, "CLONE_NEWUTS": 0x0400_0000,
        "CLONE_NEWIPC": 0x0800_0000, "CLONE_NEWUSER": 0x1000_0000, "CLONE_NEWPID": 0x2000_0000,
        "CLONE_NEWNET": 0x4000_0000,
    ]
}

/// The policies that are shipped.
enum Shipped {
    static let policies: [String] = (try? library().policies.keys.sorted()) ?? []

    static func library() throws -> PolicySet {
        var path = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { path.deleteLastPathComponent() }
        return try PolicySet.load(directory: path.appendingPathComponent("policies").path)
    }
}
