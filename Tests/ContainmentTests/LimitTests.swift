internal import Foundation
internal import SandboxSpec
internal import Testing

extension Containment {
    /// What is limited although no single program may notice: kernel objects, inodes, things shared by uid.
    @Suite("Limits")
    struct LimitRows {
        @Test(
            "D02: sleeping in any way ends at the wall limit",
            arguments: ["sleep", "poll", "pause", "fifo", "stop", "vfork"])
        func sleepers(action: String) async throws {
            let limit = 300 * Specs.millisecond
            let bare = try await Control.run(["end", "single", action], seconds: 0.6)
            let found = try await ProbeRun.run(["end", "single", action], .limits([.wall: limit]))
            Attempts.record(
                "D02", action, capable: bare.status == nil,
                contained: found.verdict == .wallLimit && found.limit?.name == .wall
                    && found.limit?.allowed == limit, found.summary)
        }

        @Test("E04: memory behind a memfd is charged")
        func memoryFile() async throws {
            let warden = try await TestWarden.shared
            let before = HostBaseline.capture(warden: warden.pid)
            let bare = try await Control.run(["end", "single", "memfd", "96"])
            let found = try await ProbeRun.run(
                ["end", "single", "memfd", "96"], .limits([.memory: 48 << 20, .fileSize: 1 << 30]))
            Attempts.record(
                "E04", "memfd fill", capable: bare.exitCode == 0,
                contained: found.verdict == .memoryLimit && found.limit?.name == .memory, found.summary)
            await before.expectUnchanged("a memfd fill", warden: warden.pid)
        }

        @Test(
            "recursion goes as deep as the stack, which is as deep as memory allows; without end it is a signal",
            arguments: [(112, 90, true), (112, 120, false), (8, 6, true), (8, 16, false)] as [(Int64, Int, Bool)])
        func recursion(stack: Int64, depth: Int, fits: Bool) async throws {
            let found = try await ProbeRun.run(
                ["end", "single", "recurse", "\(depth)"], .limits([.memory: 128 << 20, .stack: stack << 20]))
            #expect(found.status == (fits ? .exited(0) : .signaled(11)), "\(found.summary)")
            #expect(found.verdict == (fits ? .ok : .signaled), "\(found.summary)")
        }

        @Test("threads have the stacks a fresh process would give them, however many there are")
        func threads() async throws {
            let found = try await ProbeRun.run(
                ["end", "threads", "recurse", "24"], .limits([.memory: 240 << 20, .stack: 210 << 20]))
            #expect(found.verdict == .ok, "\(found.summary)")
        }

        @Test("a memfd is bounded by memory, and by file_size only where that is below the disk")
        func sharedMemory() async throws {
            let action = ["end", "single", "memfd", "48"]
            let usual = try await ProbeRun.run(action, .limits([.disk: 16 << 20, .fileSize: 16 << 20]))
            #expect(usual.verdict == .ok, "\(usual.summary)")
            let given = try await ProbeRun.run(action, .limits([.disk: 16 << 20, .fileSize: 8 << 20]))
            #expect(given.verdict == .diskLimit && given.limit?.name == .fileSize, "\(given.summary)")
        }

        @Test("a program that fails beside a file as large as allowed is told of the limit")
        func fullFile() async throws {
            let found = try await ProbeRun.run(["end", "single", "file-size-error"], .limits([.fileSize: 1 << 20]))
            #expect(found.verdict == .nonzeroExit, "\(found.summary)")
            #expect(found.limit == LimitHit(name: .fileSize, used: 1 << 20, allowed: 1 << 20), "\(found.summary)")
            let other = try await ProbeRun.run(["end", "single", "exit"], .limits([.fileSize: 1 << 20]))
            #expect(other.verdict == .nonzeroExit && other.limit == nil, "\(other.summary)")
        }

        @Test("peak memory is that of the processes, whoever was first and however they ended")
        func peak() async throws {
            var peaks: [Int64] = []
            for _ in 0..<2 {
                let found = try await ProbeRun.run(["end", "single", "memory", "32"], .limits([.memory: 96 << 20]))
                #expect(found.verdict == .ok, "\(found.summary)")
                #expect(found.usage.memoryPeak >= 32 << 20 && found.usage.memoryPeak < 56 << 20, "\(found.usage)")
                #expect(found.usage.chargedPeak >= 32 << 20 && found.usage.chargedPeak <= 96 << 20, "\(found.usage)")
                peaks.append(found.usage.memoryPeak)
            }
            #expect(abs(peaks[0] - peaks[1]) < 2 << 20, "\(peaks)")
            let killed = try await ProbeRun.run(
                ["end", "single", "hold", "32"], .limits([.memory: 96 << 20, .wall: 400 * Specs.millisecond]))
            #expect(killed.verdict == .wallLimit && killed.usage.memoryPeak >= 32 << 20, "\(killed.usage)")
            let over = try await ProbeRun.run(["end", "single", "memory"], .limits([.memory: 48 << 20]))
            #expect(over.verdict == .memoryLimit && over.usage.memoryPeak == over.usage.chargedPeak, "\(over.usage)")
        }

        @Test("E16: locks, which no cgroup is charged for, end whoever takes too many, and no other")
        func locks() async throws {
            let warden = try await TestWarden.shared
            let before = HostBaseline.capture(warden: warden.pid)
            let bare = try await Control.run(["locks", "200", "60"])
            var options = ProbeOptions.limits([.openFiles: 300])
            options.input = nil
            // A database's worth of locks, held while the other takes its thousands.
            let modest = try await LiveSandbox(["locks", "10", "40", "2"], options, on: warden)
            try modest.start()
            _ = try await modest.output(until: "locks")
            let found = try await ProbeRun.run(["locks", "200", "60", "10"], .limits([.openFiles: 300]))
            Attempts.record(
                "E16", "12,000 record locks", capable: bare.value("locks") == "12000",
                contained: found.verdict == .memoryLimit && found.limit?.name == .memory
                    && found.limit?.allowed == 2048 * 192 && (found.limit?.used ?? 0) > 2048 * 192
                    && found.value("kept") == nil, found.summary)
            let other = try await modest.finish()
            #expect(other.verdict == .ok && other.value("locks") == "400", "\(other.summary)")
            await before.expectUnchanged("record locks", warden: warden.pid)
        }

        @Test("E11: one sandbox's pipes do not shrink another's")
        func pipePages() async throws {
            let filler = try Control.start(["pipes", "fill"])
            let filled = await filler.output(until: "ready")
            let bare = try await Control.run(["pipes", "fresh"])
            _ = await filler.finish()
            let warden = try await TestWarden.shared
            var options = ProbeOptions.limits([.openFiles: 2100, .memory: 512 << 20])
            options.input = nil
            let first = try await LiveSandbox(["pipes", "fill"], options, on: warden)
            try first.start()
            let inside = try await first.output(until: "ready")
            let second = try await ProbeRun.run(["pipes", "fresh"])
            first.closeInput()
            _ = try await first.finish()
            Attempts.record(
                "E11", "a fresh pipe beside a thousand grown ones",
                capable: filled.contains("pipes") && Int(bare.value("fresh") ?? "65536") ?? 65536 < 65536,
                contained: second.value("fresh") == "65536", "\(second.summary) beside \(inside)")
        }

        @Test("E20: a child killed for memory takes the whole run with it")
        func lostChild() async throws {
            let bare = try await Control.run(["end", "single", "lose-child", "96"])
            let found = try await ProbeRun.run(["end", "single", "lose-child", "96"], .limits([.memory: 48 << 20]))
            Attempts.record(
                "E20", "the parent survives its child", capable: bare.value("child") == "ok" && bare.exitCode == 0,
                contained: found.verdict == .memoryLimit, found.summary)
        }

        @Test("E25: inodes, short links and attributes are bounded", arguments: ["files", "symlinks", "xattrs"])
        func inodes(kind: String) async throws {
            let warden = try await TestWarden.shared
            let before = HostBaseline.capture(warden: warden.pid)
            // On a tmpfs, as inside: other file systems have bounds of their own on attributes.
            let scratch = try ScratchDirectory("fill", in: "/dev/shm")
            defer { scratch.remove() }
            let bare = await (try Control.start(["fill", kind, "20000"], in: scratch.path)).finish()
            scratch.remove()
            let found = try await ProbeRun.run(
                ["fill", kind, "20000"], .limits([.inodes: 1024, .memory: 64 << 20, .wall: 10 * Specs.second]))
            let line = (found.value("filled \(kind)") ?? "").split(separator: " ").map(String.init)
            let made = line.first.flatMap { Int($0) } ?? -1
            let refusal = line.last ?? "nothing"
            // Attributes count against the same budget, several to an inode; they must be refused before the end too.
            let bounded = made >= 0 && made <= (kind == "xattrs" ? 19_999 : 1024)
            Attempts.record(
                "E25", kind, capable: bare.value("filled \(kind)") == "20000 ok",
                contained: (bounded && ["ENOSPC", "EOPNOTSUPP", "EPERM", "ENOSYS", "EACCES"].contains(refusal))
                    || found.verdict == .memoryLimit || found.verdict == .diskLimit, found.summary)
            await before.expectUnchanged("filling with \(kind)", warden: warden.pid)
        }

        @Test("B30: shared memory, semaphores and queues are not shared")
        func ipc() async throws {
            let host = try Control.start(["ipc", "make"])
            _ = await host.output(until: "ready")
            let bare = try await Control.run(["ipc", "find"])
            let fromHost = try await ProbeRun.run(["ipc", "find"])
            _ = await host.finish()
            let warden = try await TestWarden.shared
            var options = ProbeOptions()
            options.input = nil
            let first = try await LiveSandbox(["ipc", "make"], options, on: warden)
            try first.start()
            _ = try await first.output(until: "ready")
            let second = try await ProbeRun.run(["ipc", "find"])
            let onHost = try await Control.run(["ipc", "find"])
            first.closeInput()
            _ = try await first.finish()
            for name in ["shmget", "semget", "msgget", "mq_open", "shm_open", "tmp"] {
                for (who, answer) in [
                    ("the host's", fromHost.value(name)), ("another sandbox's", second.value(name)),
                    ("a sandbox's, from the host", onHost.value(name)),
                ] {
                    Attempts.record(
                        "B30", "\(name): \(who)", capable: bare.value(name) == "ok",
                        contained: answer != nil && answer != "ok", answer ?? "nothing")
                }
            }
        }
    }
}
