import ResourceMonitor
import SandboxSpec
import Testing

@Suite struct VerdictJudgeTests {
    private func evidence(_ change: (inout Evidence) -> Void = { _ in }) throws -> Evidence {
        var evidence = Evidence(
            limits: try limits([
                .cpu: second, .memory: 64 * 1_048_576, .processes: 8, .output: 1000, .disk: 1_048_576, .inodes: 100,
                .fileSize: 4096,
            ]))
        change(&evidence)
        return evidence
    }

    private func hit(_ name: LimitName, _ used: Int64 = 2, _ allowed: Int64 = 1) -> LimitHit {
        LimitHit(name: name, used: used, allowed: allowed)
    }

    @Test(arguments: [
        (ProgramStatus.exited(0), Verdict.ok), (.exited(1), .nonzeroExit), (.exited(255), .nonzeroExit),
        (.signaled(9), .signaled), (.signaled(11), .signaled), (.signaled(24), .signaled), (.signaled(7), .signaled),
        (.signaled(31), .syscallDenied),
    ])
    func statusAlone(status: ProgramStatus, verdict: Verdict) throws {
        let judgement = VerdictJudge.judge(try evidence { $0.ended(status) })
        #expect(judgement.verdict == verdict)
        #expect(judgement.limit == nil)
        #expect(judgement.failure == nil)
    }

    @Test(
        "the kernel's own end for CPU time is the limit's; without that much of it, it is a signal", arguments: [9, 24])
    func backstop(signal: UInt8) throws {
        let judgement = VerdictJudge.judge(
            try evidence {
                $0.usage.cpu = 2 * second
                $0.ended(.signaled(signal))
            })
        #expect(judgement.verdict == .cpuLimit)
        #expect(judgement.limit == LimitHit(name: .cpu, used: 2 * second, allowed: second))
        let other = VerdictJudge.judge(try evidence { $0.ended(.signaled(signal)) })
        #expect(other.verdict == .signaled)
    }

    @Test(arguments: [
        (LimitName.cpu, Verdict.cpuLimit), (.wall, .wallLimit), (.idle, .idleLimit), (.memory, .memoryLimit),
    ])
    func ourOwnKillDecides(name: LimitName, verdict: Verdict) throws {
        let judgement = VerdictJudge.judge(
            try evidence {
                $0.willKill(.limit(hit(name)))
                $0.ended(.signaled(9))
                $0.oomKills = name == .memory ? 1 : 0
                $0.failure = StageFailure(stage: "collect", errno: 5)
            })
        #expect(judgement.verdict == verdict)
        #expect(judgement.limit?.name == name)
        #expect(judgement.failure == nil)
    }

    @Test func locksAreMemoryThatNoGroupIsChargedFor() throws {
        let judgement = VerdictJudge.judge(
            try evidence {
                $0.willKill(.locks(bytes: 1_000_000, allowed: 786_432))
                $0.memoryLimitHits = 0
            })
        #expect(judgement.verdict == .memoryLimit)
        #expect(judgement.limit == hit(.memory, 1_000_000, 786_432))
        #expect(judgement.failure == nil)
    }

    @Test func ourOwnKillGoesBeforeTheKernels() throws {
        let judgement = VerdictJudge.judge(
            try evidence {
                $0.willKill(.limit(hit(.wall)))
                $0.oomKills = 1
            })
        #expect(judgement.verdict == .wallLimit)
    }

    @Test func theFinalAccountIsShown() throws {
        let judgement = VerdictJudge.judge(
            try evidence {
                $0.willKill(.limit(hit(.cpu, second, second)))
                $0.usage.cpu = second + 7
            })
        #expect(judgement.limit == hit(.cpu, second + 7, second))
    }

    @Test func outputCancelAndShutdown() throws {
        let output = VerdictJudge.judge(try evidence { $0.willKill(.output(bytes: 1001)) })
        #expect(output.verdict == .outputLimit)
        #expect(output.limit == hit(.output, 1001, 1000))
        #expect(VerdictJudge.judge(try evidence { $0.willKill(.cancelled) }).verdict == .cancelled)
        let shutdown = VerdictJudge.judge(try evidence { $0.willKill(.shutdown) })
        #expect(shutdown.verdict == .internalError)
        #expect(shutdown.failure?.stage == "warden_shutdown")
    }

    /// A kill and an exit at the same time: whichever was known first decides, and there is one verdict.
    @Test func theFirstEvidenceWins() throws {
        var exitFirst = try evidence()
        exitFirst.ended(.exited(0))
        let isLate = !exitFirst.willKill(.limit(hit(.cpu)))
        #expect(isLate)
        #expect(VerdictJudge.judge(exitFirst).verdict == .ok)

        var killFirst = try evidence()
        killFirst.willKill(.limit(hit(.cpu)))
        killFirst.ended(.exited(0))
        #expect(VerdictJudge.judge(killFirst).verdict == .cpuLimit)
        #expect(killFirst.status == .exited(0), "shown all the same")

        var twice = try evidence()
        twice.willKill(.limit(hit(.wall)))
        twice.willKill(.cancelled)
        #expect(VerdictJudge.judge(twice).verdict == .wallLimit)

        var reported = try evidence()
        reported.ended(.exited(3))
        reported.ended(.exited(0))
        #expect(VerdictJudge.judge(reported).verdict == .nonzeroExit)
    }

    @Test func theKernelsMemoryKillIsMemoryWhateverTheStatus() throws {
        for status in [ProgramStatus.exited(0), .exited(1), .signaled(9)] {
            let judgement = VerdictJudge.judge(
                try evidence {
                    $0.ended(status)
                    $0.oomKills = 1
                    $0.memoryLimitHits = 3
                    $0.usage.chargedPeak = 64 * 1_048_576
                })
            #expect(judgement.verdict == .memoryLimit)
            #expect(judgement.limit == hit(.memory, 64 * 1_048_576, 64 * 1_048_576))
        }
    }

    @Test func aHostWithoutMemoryIsNotTheProgramsFault() throws {
        for cause in [nil, KillCause.limit(hit(.memory))] {
            let judgement = VerdictJudge.judge(
                try evidence {
                    if let cause { $0.willKill(cause) }
                    $0.oomKills = 1
                    $0.memoryLimitHits = 0
                })
            #expect(judgement.verdict == .internalError)
            #expect(judgement.failure?.stage == "host_memory")
        }
    }

    @Test func aFileAsLargeAsAllowedIsNamedBesideAFailure() throws {
        for status in [ProgramStatus.exited(0), .exited(1), .signaled(6)] {
            let judgement = VerdictJudge.judge(
                try evidence {
                    $0.ended(status)
                    $0.hasFullFile = true
                })
            #expect(judgement.limit == (status == .exited(0) ? nil : hit(.fileSize, 4096, 4096)))
            #expect(![.diskLimit, .internalError].contains(judgement.verdict))
        }
    }

    @Test func diskLimits() throws {
        let size = VerdictJudge.judge(try evidence { $0.ended(.signaled(25)) })
        #expect(size.verdict == .diskLimit)
        #expect(size.limit == hit(.fileSize, 4096, 4096))
        func judge(_ status: ProgramStatus, disk: Int64 = 0, inodes: Int64 = 0) throws -> VerdictDecision {
            VerdictJudge.judge(
                try evidence {
                    $0.ended(status)
                    $0.usage.disk = disk
                    $0.usage.inodes = inodes
                })
        }
        #expect(try judge(.exited(1), disk: 1_048_576).limit == hit(.disk, 1_048_576, 1_048_576))
        #expect(try judge(.exited(1), disk: 1_048_576 - 4095).verdict == .diskLimit)
        #expect(try judge(.exited(1), disk: 1_048_576 - 4096).verdict == .nonzeroExit)
        #expect(try judge(.exited(1), inodes: 100).limit == hit(.inodes, 100, 100))
        #expect(try judge(.exited(1), inodes: 99).verdict == .nonzeroExit)
        #expect(try judge(.exited(0), disk: 1_048_576).verdict == .ok)
        #expect(try judge(.signaled(7), disk: 1_048_576).verdict == .diskLimit)
        #expect(try judge(.signaled(11), disk: 1_048_576).verdict == .signaled)
    }

    @Test func refusedForksAreShown() throws {
        let judgement = VerdictJudge.judge(
            try evidence {
                $0.ended(.exited(1))
                $0.processLimitHits = 4
            })
        #expect(judgement.verdict == .nonzeroExit)
        #expect(judgement.limit == hit(.processes, 8, 8))
    }

    @Test func ourFailures() throws {
        let failure = StageFailure(stage: "mount_proc", errno: 1)
        let failed = VerdictJudge.judge(
            try evidence {
                $0.failure = failure
                $0.ended(.exited(0))
            })
        #expect(failed.verdict == .internalError)
        #expect(failed.failure == failure)
        let lost = VerdictJudge.judge(try evidence())
        #expect(lost.verdict == .internalError)
        #expect(lost.failure?.stage == "init_lost")
    }
}
