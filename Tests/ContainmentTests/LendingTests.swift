internal import Foundation
internal import SandboxSpec
internal import Testing
internal import WardenClient

extension Containment {
    /// Network namespaces that sandboxes have one after the other: never two at a time, nothing of one in the next.
    @Suite("Lent network namespaces", .timeLimit(.minutes(2)))
    struct Lending {
        /// Tells its network namespace and the names in it, then leaves what it can: a name, a descriptor that is on its way in a
        /// circle, a process.
        private static let resident = """
            import os, socket, sys
            names = [l.split()[-1] for l in open('/proc/self/net/unix').read().splitlines()[1:] if '@' in l]
            named = socket.socket(socket.AF_UNIX)
            named.bind('\\0nestbox-resident')
            named.listen()
            x, y = socket.socketpair()
            socket.send_fds(x, [b'x'], [x.fileno(), y.fileno(), named.fileno()])
            if os.fork() == 0:
                os.setsid()
                os.close(1)
                os.close(2)
                near, far = socket.socketpair()
                near.recv(1)
            print(os.readlink('/proc/self/ns/net'), names, flush=True)
            """

        private static func options(_ network: NetworkAccess = .none) -> ProbeOptions {
            var options = ProbeOptions.limits([.memory: 256 << 20])
            options.network = network
            options.program = ["/usr/bin/python3", "-c"]
            options.uploadsProbe = false
            return options
        }

        private static func network(of pid: Int32) -> String? {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/ns/net")
        }

        @Test("are found as they were made")
        func inTurn() async throws {
            let warden = try await TestWarden()
            var seen: [String] = []
            for _ in 0..<8 {
                let found = try await ProbeRun.run([Self.resident], Self.options(), on: warden)
                let parts = found.text.trimmingCharacters(in: .newlines).split(separator: " ", maxSplits: 1)
                let errors = String(decoding: found.errors, as: UTF8.self)
                #expect(found.verdict == .ok && parts.count == 2, "\(found.summary) \(errors)")
                #expect(parts.last == "[]", "names of an earlier sandbox: \(found.text)")
                seen.append(String(parts.first ?? ""))
                try await Task.sleep(nanoseconds: 20_000_000)
            }
            // A namespace that lives keeps its number. Those of forked interpreters' sandboxes are new.
            let lent = Set(Self.lenders(of: warden).compactMap { Self.network(of: $0.pid) })
            let count = seen.count { lent.contains($0) }
            #expect(TestWarmth.ofThisRun == .fork ? count == 0 : count > lent.count, "\(seen), \(lent)")
            await warden.close()
        }

        @Test("are never lent to sandboxes with a network")
        func loopback() async throws {
            let warden = try await TestWarden()
            let code = "import os; print(os.readlink('/proc/self/ns/net'))"
            var seen: [String] = []
            for _ in 0..<4 { seen.append(try await ProbeRun.run([code], Self.options(.loopback), on: warden).text) }
            let lenders = WardenFamily(of: warden.pid).zygotes.compactMap { Self.network(of: $0.pid) }
            #expect(seen.allSatisfy { $0.hasPrefix("net:") }, "\(seen)")
            #expect(Set(seen.map { $0.trimmingCharacters(in: .newlines) }).isDisjoint(with: lenders))
            await warden.close()
        }

        /// As many sandboxes as asked for, at the same time.
        private static func living(_ count: Int, on warden: TestWarden) async throws -> [LiveSandbox] {
            var options = ProbeOptions()
            options.input = nil
            var living: [LiveSandbox] = []
            for _ in 0..<count {
                let sandbox = try await LiveSandbox(["hold"], options, on: warden)
                try sandbox.start()
                _ = try await sandbox.output(until: "ready")
                living.append(sandbox)
            }
            return living
        }

        private static func lenders(of warden: TestWarden) -> [HostProcess] {
            WardenFamily(of: warden.pid).zygotes.filter { $0.name == "nestbox-init" }
        }

        @Test("belong to one sandbox at a time, and nobody in it has rights over them")
        func apart() async throws {
            let warden = try await TestWarden()
            for _ in 0..<3 {
                let living = try await Self.living(6, on: warden)
                let family = WardenFamily(of: warden.pid)
                let networks = family.inits.compactMap { Self.network(of: $0.pid) }
                #expect(networks.count == 6 && Set(networks).count == 6, "\(networks)")
                #expect(!networks.contains(Self.network(of: getpid()) ?? ""), "the host's network")
                let own = Set(family.zygotes.compactMap { Self.network(of: $0.pid) })
                #expect(own.count == family.zygotes.count, "two zygotes in one namespace")
                // Root made those that are lent, before there was a sandbox: they belong to the host's user namespace.
                for process in family.inits {
                    guard let network = Self.network(of: process.pid), own.contains(network) else { continue }
                    #expect(try Self.owner(of: process.pid) == Self.user(of: getpid()))
                }
                if TestWarmth.ofThisRun != .fork { #expect(!own.isDisjoint(with: networks), "none was lent") }
                for sandbox in living { sandbox.closeInput() }
                for sandbox in living { #expect(try await sandbox.finish().verdict == .ok) }
                try await Task.sleep(nanoseconds: 200_000_000)
            }
            #expect(Self.lenders(of: warden).count <= 1 + 32)
            await warden.close()
        }

        /// The inode of the user namespace that a process's network namespace belongs to, and of its own.
        private static func owner(of pid: Int32) throws -> UInt64 {
            let network = open("/proc/\(pid)/ns/net", O_RDONLY | O_CLOEXEC)
            defer { close(network) }
            let user = ioctl(network, 0xb701)  // NS_GET_USERNS
            defer { close(user) }
            var status = stat()
            try #require(fstat(user, &status) == 0)
            return UInt64(status.st_ino)
        }

        private static func user(of pid: Int32) throws -> UInt64 {
            var status = stat()
            try #require(stat("/proc/\(pid)/ns/user", &status) == 0)
            return UInt64(status.st_ino)
        }

        @Test(
            "come from more zygotes when one is not enough, and a stopped one is replaced",
            .enabled(if: TestWarmth.ofThisRun == .cold))
        func stopped() async throws {
            let warden = try await TestWarden(configuration: "zygote_answer_seconds = 1\nnetwork_lenders = 1\n")
            let first = try await Self.living(2, on: warden)
            #expect(await Host.eventually(within: 5) { Self.lenders(of: warden).count == 2 })
            let family = WardenFamily(of: warden.pid)
            let busy = Set(family.inits.compactMap { Self.network(of: $0.pid) })
            let idle = try #require(
                Self.lenders(of: warden).first { !busy.contains(Self.network(of: $0.pid) ?? "") }?.pid)
            kill(idle, SIGSTOP)
            // The other one's namespace is lent, so this request meets the stopped one, and ends it.
            let start = Host.now
            await #expect(throws: (any Error).self) { try await LiveSandbox(["hold"], on: warden) }
            #expect(Host.now - start < 4 * Specs.second)
            #expect(await Host.eventually(within: 2) { HostProcess.isGone(idle) })
            let more = try await Self.living(2, on: warden)
            #expect(await Host.eventually(within: 5) { Self.lenders(of: warden).count == 2 }, "not replaced")
            for sandbox in first + more { sandbox.closeInput() }
            for sandbox in first + more { #expect(try await sandbox.finish().verdict == .ok) }
            await warden.close()
        }

        @Test("are not lent at all where the configuration says so", .enabled(if: TestWarmth.ofThisRun == .cold))
        func off() async throws {
            let warden = try await TestWarden(configuration: "network_lenders = 0\n")
            let living = try await Self.living(3, on: warden)
            try await Task.sleep(nanoseconds: 300_000_000)
            #expect(Self.lenders(of: warden).count == 1)
            let everybody = WardenFamily(of: warden.pid).inits + Self.lenders(of: warden)
            let networks = everybody.map { Self.network(of: $0.pid) }
            #expect(Set(networks).count == 4, "\(networks)")
            for sandbox in living { sandbox.closeInput() }
            for sandbox in living { #expect(try await sandbox.finish().verdict == .ok) }
            await warden.close()
        }

        @Test(
            "of a sandbox that does not end are nobody else's",
            .enabled(if: Freezer.isThere && TestWarmth.ofThisRun == .cold))
        func stuck() async throws {
            let warden = try await TestWarden()
            let sandbox = try #require(try await Self.living(1, on: warden).first)
            let family = WardenFamily(of: warden.pid)
            let network = try #require(family.inits.first.flatMap { Self.network(of: $0.pid) })
            #expect(Self.lenders(of: warden).contains { Self.network(of: $0.pid) == network }, "it is lent")
            let freezer = try Freezer((family.inits + family.programs).map(\.pid))
            sandbox.kill()
            #expect(await Host.eventually(within: 9) { warden.connection.status?.value.quarantined == 1 })
            let code = "import os; print(os.readlink('/proc/self/ns/net'))"
            for _ in 0..<4 {
                let next = try await ProbeRun.run([code], Self.options(), on: warden)
                #expect(next.verdict == .ok && next.text != "\(network)\n")
            }
            freezer.thaw()
            _ = try await sandbox.finish()
            await warden.close()
        }
    }
}
