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
        case kill = 0x8000_0000
    }

    let allowed: Set<String>
    let network: NetworkAccess
    let names: [UInt32: String]

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
        let first = UInt32(truncatingIfNeeded: data.arguments[0])
        let second = UInt32(truncatingIfNeeded: data.arguments[1])
        switch name {
        case "clone": return Self.namespaces.contains { first & $0.value != 0 } ? .notPermitted : .allow
        case "socket", "socketpair":
            switch first {
            case 1: return .allow
            case 2, 10: return network == .loopback ? .allow : .noSuchFamily
            default: return .noSuchFamily
            }
        case "ioctl": return Self.refusedRequests.values.contains(second) ? .notPermitted : .allow
        case "prctl": return Self.prctl.contains(first) ? .allow : .notPermitted
        case "personality": return first == 0 || first == 0xffff_ffff ? .allow : .notPermitted
        default: return .allow
        }
    }

    /// linux/sched.h
    static let namespaces: [String: UInt32] = [
        "CLONE_NEWNS": 0x0002_0000, "CLONE_NEWCGROUP": 0x0200_0000, "CLONE_NEWUTS": 0x0400_0000,
        "CLONE_NEWIPC": 0x0800_0000, "CLONE_NEWUSER": 0x1000_0000, "CLONE_NEWPID": 0x2000_0000,
        "CLONE_NEWNET": 0x4000_0000,
    ]

    /// asm-generic/ioctls.h, linux/fs.h, linux/btrfs.h
    static let refusedRequests: [String: UInt32] = [
        "TIOCSTI": 0x5412, "TIOCLINUX": 0x541c, "TIOCCONS": 0x541d, "TIOCSETD": 0x5423, "TIOCVHANGUP": 0x5437,
        "FS_IOC32_SETFLAGS": 0x4004_6602, "FS_IOC_SETFLAGS": 0x4008_6602, "FS_IOC_FSSETXATTR": 0x401c_5820,
        "FICLONE": 0x4004_9409, "FICLONERANGE": 0x4020_940d, "FIDEDUPERANGE": 0xc018_9436,
    ]

    /// linux/prctl.h: what processes may ask about and change of themselves.
    static let prctl: Set<UInt32> = [
        1, 2, 3, 4, 15, 16, 21, 23, 27, 29, 30, 36, 37, 38, 39, 42, 52, 0x5356_4d41,
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
