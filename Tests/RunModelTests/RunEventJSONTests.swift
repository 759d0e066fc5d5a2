import RunModel
import SandboxSpec
import Testing

@Suite struct RunEventJSONTests {
    private static let id = RunID("000102030405060708090a0b0c0d0e0f")

    private func json(_ kind: RunEvent.Kind, at: Int64 = 12_345_678, sequence: Int64 = 3) throws -> String {
        let event = RunEvent(runID: try #require(Self.id), sequence: sequence, at: at, kind: kind)
        let bytes = try JSONText.encode(event)
        let back = try JSONText.decode(RunEvent.self, from: bytes)
        #expect(back.kind == kind)
        #expect(back.sequence == sequence)
        #expect(back.at == at / 1000 * 1000 || back.at == (at / 1000 + 1) * 1000)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func accepted() throws {
        #expect(
            try json(.accepted(position: 0), at: 0, sequence: 0)
                == #"{"at":0,"position":0,"run_id":"000102030405060708090a0b0c0d0e0f","seq":0,"type":"accepted"}"#)
    }

    @Test func queued() throws {
        #expect(
            try json(.queued(position: 7))
                == #"{"at":0.012346,"position":7,"run_id":"000102030405060708090a0b0c0d0e0f","seq":3,"type":"queued"}"#)
    }

    @Test func started() throws {
        let limits = try Limits { $0 == .cpus ? 1_500 : $0 == .cpu ? 2_500_500_000 : $0.range.lowerBound }
        #expect(
            try json(.started(step: .compile, warm: .cold, limits: LimitTable(limits)))
                == #"{"at":0.012346,"limits":{"cpu":2500.5,"cpus":1.5,"disk":65536,"file_size":1,"idle":1,"#
                + #""inodes":16,"memory":4194304,"open_files":8,"output":1,"processes":1,"#
                + #""stack":262144,"wall":1},"#
                + #""run_id":"000102030405060708090a0b0c0d0e0f","seq":3,"step":"compile","type":"started","#
                + #""warm":"cold"}"#)
    }

    @Test func textOutput() throws {
        #expect(
            try json(.output(.stdout, OutputText(Array("/é\"\n".utf8))))
                == #"{"at":0.012346,"data":"/é\"\n","encoding":"utf8","#
                + #""run_id":"000102030405060708090a0b0c0d0e0f","seq":3,"stream":"stdout","type":"output"}"#)
    }

    @Test func binaryOutput() throws {
        #expect(
            try json(.output(.stderr, OutputText([0, 0xff, 0xfe])))
                == #"{"at":0.012346,"data":"AP/+","encoding":"base64","#
                + #""run_id":"000102030405060708090a0b0c0d0e0f","seq":3,"stream":"stderr","type":"output"}"#)
    }

    @Test func resource() throws {
        var usage = Usage()
        usage.cpu = 1_234_567
        usage.wall = 2_000_000
        usage.memory = 4096
        usage.processes = 2
        #expect(
            try json(.resource(usage))
                == #"{"at":0.012346,"cpu_ms":1.235,"memory_bytes":4096,"processes":2,"#
                + #""run_id":"000102030405060708090a0b0c0d0e0f","seq":3,"type":"resource","wall_ms":2}"#)
    }

    @Test func warning() throws {
        #expect(
            try json(.warning(LimitHit(name: .cpu, used: 4_000_000_000, allowed: 5_000_000_000)))
                == #"{"at":0.012346,"limit":"cpu","of":5000,"run_id":"000102030405060708090a0b0c0d0e0f","#
                + #""seq":3,"type":"warning","used":4000}"#)
    }

    @Test func error() throws {
        #expect(
            try json(.error(APIError(.sandboxFailed, "no", retryable: true, details: ["stage": "clone"])))
                == #"{"at":0.012346,"code":"SANDBOX_FAILED","details":{"stage":"clone"},"message":"no","#
                + #""retryable":true,"run_id":"000102030405060708090a0b0c0d0e0f","seq":3,"type":"error"}"#)
    }

    @Test func finished() throws {
        var outcome = RunOutcome(
            verdict: .memoryLimit, status: .signaled(9),
            limit: LimitReport(LimitHit(name: .memory, used: 10, allowed: 9), in: .run), truncated: true)
        outcome.steps = [
            StepReport(step: .run, warm: .cold, verdict: .memoryLimit, status: .exited(3), usage: UsageReport())
        ]
        outcome.artifacts.add(ArtifactReport(path: "a/b", bytes: 5))
        outcome.artifacts.add(ArtifactReport(path: "c.png", bytes: 9, contentType: .png))
        outcome.artifacts.skip("c", because: "not a regular file")
        let usage =
            #"{"cgroup_peak_bytes":0,"cpu_ms":0,"cpu_system_ms":0,"cpu_user_ms":0,"disk_bytes":0,"inodes":0,"memory_peak_bytes":0,"#
            + #""processes_peak":0,"wall_ms":0}"#
        #expect(
            try json(.finished(outcome))
                == #"{"artifacts":[{"bytes":5,"content_type":"application/octet-stream","path":"a/b"},"#
                + #"{"bytes":9,"content_type":"image/png","path":"c.png"}],"#
                + #""artifacts_skipped":[{"name":"c","reason":"not a regular file"}],"at":0.012346,"exit_code":null,"#
                + #""limit":{"allowed":9,"name":"memory","step":"run","unit":"bytes","used":10},"#
                + #""run_id":"000102030405060708090a0b0c0d0e0f","seq":3,"signal":9,"#
                + #""steps":[{"exit_code":3,"signal":null,"step":"run","usage":\#(usage),"verdict":"memory_limit","#
                + #""warm":"cold"}],"truncated":true,"type":"finished","usage":\#(usage),"verdict":"memory_limit","#
                + #""warm":null}"#)
        outcome.warm = .fork
        #expect(try json(.finished(outcome)).hasSuffix(#""warm":"fork"}"#))
    }

    @Test(arguments: [
        #"{"at":1e300,"position":0,"run_id":"000102030405060708090a0b0c0d0e0f","seq":0,"type":"accepted"}"#,
        #"{"at":-1,"position":0,"run_id":"000102030405060708090a0b0c0d0e0f","seq":0,"type":"accepted"}"#,
        #"{"at":0,"position":0,"run_id":"00","seq":0,"type":"accepted"}"#,
        #"{"at":0,"position":0,"run_id":"000102030405060708090a0b0c0d0e0f","seq":0,"type":"exploded"}"#,
        #"{"at":0,"data":"?","encoding":"base64","run_id":"000102030405060708090a0b0c0d0e0f","seq":0,"#
            + #""stream":"stdout","type":"output"}"#,
    ])
    func badEventsAreErrorsNotTraps(text: String) {
        #expect(throws: DecodingError.self) { try JSONText.decode(RunEvent.self, from: Array(text.utf8)) }
    }
}
