internal import Foundation
internal import SandboxSpec
internal import Testing

extension Containment {
    /// Sockets by family, and terminals.
    @Suite("Network")
    struct Network {
        @Test("C19: only local sockets can be made", arguments: NetworkAccess.allCases)
        func families(network: NetworkAccess) async throws {
            let bare = try await Control.run(["sockets"])
            var options = ProbeOptions()
            options.network = network
            let found = try await ProbeRun.run(["sockets"], options)
            // AF_UNIX always; AF_INET and AF_INET6 with a network of its own.
            let allowed: Set<String> = network == .none ? ["1"] : ["1", "2", "10"]
            #expect(found.lines.count == 131, "the probe was cut short: \(found.summary)")
            for line in found.lines {
                let parts = line.split(separator: " ").map(String.init)
                guard parts.count == 8 else { continue }
                let name = "\(parts[0]) \(parts[1])"
                let answers = Set(parts.dropFirst(2))
                let outside = Set((bare.value(name) ?? "").split(separator: " ").map(String.init))
                if allowed.contains(parts[1]) {
                    // Raw sockets are nobody's, whatever the family.
                    #expect(answers.contains("ok") || parts[0] == "socketpair", "\(name) should work: \(line)")
                    continue
                }
                // A family is live on this host when some type of it answers anything but "no such family".
                Attempts.record(
                    "C19", "\(name) (\(network))", capable: outside != ["EAFNOSUPPORT"],
                    contained: answers.isSubset(of: Syscalls.denials), line)
            }
            Attempts.record(
                "C19", "socket family with dirty upper half (\(network))", capable: bare.value("socket dirty") == "ok",
                contained: Syscalls.denials.contains(found.value("socket dirty") ?? ""), found.value("socket dirty") ?? "")
        }

        @Test("C19: raw and packet sockets cannot be made, with a network or without", arguments: NetworkAccess.allCases)
        func rawSockets(network: NetworkAccess) async throws {
            let bare = try await Control.run(["sockets"], as: .root)
            var options = ProbeOptions()
            options.network = network
            let found = try await ProbeRun.run(["sockets"], options)
            for name in ["socket icmp", "socket packet"] {
                Attempts.record(
                    "C19", "\(name) (\(network))", capable: bare.value(name) == "ok",
                    contained: Syscalls.denials.contains(found.value(name) ?? ""), found.value(name) ?? "nothing")
            }
        }

        @Test("C09: a terminal gives no way to type into another's")
        func terminals() async throws {
            let bare = try await Control.run(["tty-control"])
            let harmless: Set<String> = ["EPERM", "ENOTTY", "ENXIO", "EACCES", "ENOENT", "ENOSYS"]
            for size in [nil, TerminalSize(rows: 24, columns: 80)] {
                var options = ProbeOptions()
                options.terminal = size
                options.input = nil
                let found = try await ProbeRun.run(["tty"], options)
                let mode = size == nil ? "pipes" : "terminal"
                #expect(found.value("stdin tty") == (size == nil ? "no" : "yes"))
                if size == nil {
                    Attempts.record(
                        "C09", "open /dev/tty (pipes)", capable: bare.value("open /dev/tty") == "ok",
                        contained: harmless.contains(found.value("open /dev/tty") ?? ""), found.summary)
                }
                for target in ["stdin", "invalid"] {
                    for call in ["TIOCSTI", "TIOCSTI+2^32", "TIOCLINUX2", "TIOCLINUX3", "TIOCCONS", "TIOCSETD"] {
                        let name = "\(target) \(call)"
                        let outside = bare.value(name) ?? "nothing"
                        let answer = found.value(name) ?? "nothing"
                        // TIOCSETD asks for a line discipline that does not exist: EINVAL means it was tried.
                        // A bad descriptor shows whether the filter looks at the request: EBADF means it does not.
                        Attempts.record(
                            "C09", "\(name) (\(mode))", capable: !harmless.contains(outside),
                            contained: harmless.contains(answer)
                                || (target == "invalid" && call != "TIOCSTI" && call != "TIOCSTI+2^32"
                                    && call != "TIOCLINUX2" && call != "TIOCLINUX3" && answer == "EBADF"),
                            "answered \(answer)")
                    }
                }
            }
        }
    }
}
