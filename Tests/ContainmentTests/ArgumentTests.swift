internal import Foundation
internal import SandboxSpec
internal import Testing

extension Containment {
    /// Calls that are judged by their arguments: what reaches the kernel, value by value.
    @Suite("Arguments")
    struct Arguments {
        /// Rows of the golden list: call and value.
        private static func golden(_ calls: Set<String>, _ network: NetworkAccess) throws -> [String] {
            try Golden.lines("arguments.txt").compactMap { line in
                let words = line.split(separator: " ").map(String.init)
                guard words.count > 4, calls.contains(words[0]) else { return nil }
                return words[2] == "none" || network.hasSockets ? "\(words[0]) \(words[1])" : nil
            }
        }

        @Test(
            "C08: exactly the golden options, requests, commands and advice reach the kernel",
            arguments: NetworkAccess.allCases)
        func sweep(network: NetworkAccess) async throws {
            let kinds = ["options", "ioctl", "fcntl", "madvise"]
            let bare = try await Control.run(["arguments"] + kinds, as: .nobody)
            var options = ProbeOptions()
            options.network = network
            let found = try await ProbeRun.run(["arguments"] + kinds, options)
            #expect(found.verdict == .ok, "\(found.summary)")
            let wanted = try Self.golden(["setsockopt", "getsockopt", "ioctl", "fcntl", "madvise"], network)
            // A kernel may not know every advice of the list; the bare host has the last word on that.
            let advice = Set(bare.lines.filter { $0.hasPrefix("madvise ") })
            let possible = Set(wanted.filter { !$0.hasPrefix("madvise ") || advice.contains($0) })
            let reached = Set(found.lines)
            Attempts.record(
                "C08", "sweep of arguments (\(network))", capable: bare.lines.count > 90_000,
                contained: reached == possible,
                "too much: \(reached.subtracting(possible).sorted().prefix(20)), "
                    + "too little: \(possible.subtracting(reached).sorted().prefix(20))")
        }

        @Test("C08: what takes, tells or drops what is not the sandbox's is refused, or answered without effect")
        func flags() async throws {
            let bare = try await Control.run(["arguments", "flags"])
            let found = try await ProbeRun.run(["arguments", "flags"])
            let wanted = [
                "MAP_HUGETLB": "ENOMEM", "MFD_HUGETLB": "EINVAL", "SHM_HUGETLB": "EPERM",
                "O_NOTIFICATION_PIPE": "EINVAL", "MSG_OOB": "EOPNOTSUPP", "SO_ATTACH_FILTER": "ENOPROTOOPT",
                "SO_LOCK_FILTER": "ENOPROTOOPT", "RWF_NOWAIT": "EOPNOTSUPP", "F_SETLEASE": "EINVAL",
                "F_NOTIFY": "EINVAL", "F_OFD_SETLK": "EINVAL", "FIEMAP": "ENOTTY", "inotify": "ENOSYS",
                "setrlimit core": "ok", "prlimit64 core": "ok", "prlimit64 core and old": "EPERM", "core": "1 1",
                "fsync": "ok", "fdatasync": "ok", "sync_file_range": "ok", "FADV_DONTNEED": "ok",
                "FADV_WILLNEED": "EBADF",
            ]
            for (name, answer) in wanted.sorted(by: { $0.key < $1.key }) {
                let outside = bare.value(name)
                Attempts.record(
                    "C08", name, capable: outside != nil && outside != answer, contained: found.value(name) == answer,
                    "answered \(found.value(name) ?? "nothing")")
            }
        }

        @Test("C08: a program that crashes leaves nothing and starts nothing, also when it lowers its core limit")
        func crash() async throws {
            var options = ProbeOptions()
            options.program = ["/bin/sh", "-c"]
            options.uploadsProbe = false
            let found = try await ProbeRun.run(["ulimit -c 0; ulimit -Sc; ulimit -Hc; kill -SEGV $$"], options)
            #expect(found.verdict == .signaled && found.status == .signaled(11), "\(found.summary)")
            // 1 byte is 0 blocks; `core 1 1` above has the bytes.
            #expect(found.lines.count == 2, "\(found.summary)")
        }
    }
}
