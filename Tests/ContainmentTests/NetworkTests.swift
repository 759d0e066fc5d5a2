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
            let allowed: Set<Int> = network == .none ? [1] : [1, 2, 10]
            #expect(found.lines.count == 131, "the probe was cut short: \(found.summary)")
            for family in 0..<64 {
                let calls = ["socket \(family)", "socketpair \(family)"]
                let answers = calls.map { Self.answers(found.lines, $0) }
                #expect(answers.allSatisfy { $0.count == 6 }, "family \(family): \(found.summary)")
                if allowed.contains(family) {
                    #expect(answers[0].contains("ok"), "family \(family) should work: \(answers)")
                    continue
                }
                // A family is live on this host when some type of it answers anything but "no such family".
                let outside = calls.flatMap { Self.answers(bare.lines, $0) }
                Attempts.record(
                    "C19", "family \(family) (\(network))", capable: Set(outside) != ["EAFNOSUPPORT"],
                    contained: Syscalls.denials.isSuperset(of: answers.joined()), "\(answers)")
            }
            Attempts.record(
                "C19", "socket family with dirty upper half (\(network))", capable: bare.value("socket dirty") == "ok",
                contained: Syscalls.denials.contains(found.value("socket dirty") ?? ""),
                found.value("socket dirty") ?? "")
        }

        private static func answers(_ lines: [String], _ call: String) -> [String] {
            (lines.value(call) ?? "").split(separator: " ").map(String.init)
        }

        @Test(
            "C19: raw and packet sockets cannot be made, with a network or without", arguments: NetworkAccess.allCases)
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
