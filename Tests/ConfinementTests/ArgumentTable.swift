import Foundation
import SandboxSpec

/// The golden list of what is let through of the calls that are judged by their arguments.
struct ArgumentTable {
    struct Row {
        let call: String
        /// One value, or level and option.
        let values: [UInt32]
        let network: NetworkAccess
        let name: String
        let reason: String
    }

    let rows: [Row]

    static func load() throws -> ArgumentTable {
        var path = URL(fileURLWithPath: #filePath)
        for _ in 0..<2 { path.deleteLastPathComponent() }
        let text = try String(
            contentsOf: path.appendingPathComponent("ContainmentTests/Golden/arguments.txt"), encoding: .utf8)
        return ArgumentTable(
            rows: text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
                let words = line.split(separator: " ", maxSplits: 4).map(String.init)
                let networks: [String: NetworkAccess] = ["none": .none, "loopback": .loopback]
                guard words.count == 5, let network = networks[words[2]] else { return nil }
                let values = words[1].split(separator: "/").compactMap { Self.number($0) }
                return Row(call: words[0], values: values, network: network, name: words[3], reason: words[4])
            })
    }

    static func number(_ text: some StringProtocol) -> UInt32? {
        text.hasPrefix("0x") ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text)
    }

    /// What a call may be made with under a network access.
    func values(_ call: String, under network: NetworkAccess) -> Set<[UInt32]> {
        Set(rows.filter { $0.call == call && ($0.network == .none || network.hasSockets) }.map(\.values))
    }

    /// Every plain number that the kernel's headers define under these names (linux-libc-dev).
    static func headers() throws -> [String: Set<UInt32>] {
        var found: [String: Set<UInt32>] = [:]
        let files = [
            "asm-generic/socket.h", "asm-generic/ioctls.h", "asm-generic/fcntl.h", "asm-generic/mman-common.h",
            "linux/fcntl.h", "linux/sockios.h", "linux/in.h", "linux/in6.h", "linux/tcp.h", "linux/prctl.h",
            "linux/fadvise.h",
        ]
        for file in files {
            let text = try String(contentsOfFile: "/usr/include/\(file)", encoding: .utf8)
            for line in text.split(separator: "\n") {
                var words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
                if words.first == "#", words.count > 1 { words = ["#\(words[1])"] + words.dropFirst(2) }
                guard words.count > 2, words[0] == "#define" else { continue }
                let plain = words[2] == "(F_LINUX_SPECIFIC_BASE" && words.count > 4
                let value =
                    plain
                    ? number(words[4].prefix { $0.isNumber }).map { $0 + 1024 }
                    : number(words[2])
                if let value { found[String(words[1]), default: []].insert(value) }
            }
        }
        return found
    }
}
