import RunModel
import SandboxSpec
import TestSupport
import Testing
import WorkspaceModel

@Suite("Workspaces as values")
struct WorkspaceModelTests {
    @Test("an id is 20 letters and digits that nobody foresees, and fits a label behind a port")
    func ids() {
        var generator = SeededGenerator(seed: 1)
        let ids = (0..<1000).map { _ in WorkspaceID(using: &generator) }
        #expect(Set(ids).count == 1000)
        for id in ids {
            #expect(WorkspaceID(id.description) == id && "65535-\(id)".utf8.count <= 63)
        }
        for text in [
            "", "a", String(repeating: "A", count: 20), String(repeating: "a", count: 21), "aaaaaaaaaaaaaaaaaaa-",
        ] {
            #expect(WorkspaceID(text) == nil, "\(text)")
        }
    }

    @Test("what listens is read from the kernel's tables, and nothing else")
    func ports() {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0 100 0 0 10 0
               1: 0100007F:1F91 0100007F:0050 01 00000000:00000000 00:00000000 00000000  1000        0 2 1 0 100 0 0 10 0
               2: 00000000000000000000000000000000:0BB8 00000000000000000000000000000000:0000 0A 00000000:00000000 0
               3: broken
               4: 0100007F:ZZZZ 00000000:0000 0A 0
               5: 0100007F:0000 00000000:0000 0A 0
            """
        #expect(ListeningPorts.parse(Array(table.utf8)) == [8080, 3000])
        #expect(ListeningPorts.parse([]).isEmpty)
        let many = (1...1000).map {
            "  1: 0100007F:\(String(0x10000 + $0, radix: 16, uppercase: true).dropFirst()) 0:0 0A 0"
        }
        #expect(
            ListeningPorts.parse(Array(("head\n" + many.joined(separator: "\n")).utf8)).count == ListeningPorts.maximum)
    }

    @Test("tables of any bytes are read without a fault")
    func noise() {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<300 {
            let bytes = (0..<400).map { _ in "0123456789ABCDEF: \n\u{7f}".utf8.randomElement(using: &generator) ?? 0 }
            #expect(ListeningPorts.parse(bytes).count <= ListeningPorts.maximum)
        }
    }

    @Test(
        "names of processes stand in paths, and are none of our numbers",
        arguments: [
            ("web", true), ("p", true), ("pool", true), ("A.b-c_1", true), ("p1", false), ("p12", false), ("1a", false),
            ("", false), ("a/b", false), ("a b", false), (String(repeating: "a", count: 33), false), ("é", false),
        ])
    func names(_ name: String, _ isName: Bool) {
        #expect(ProcessRequest.isName(name) == isName)
    }

    @Test("signals have names with and without SIG")
    func signals() {
        #expect(SignalName.number(named: "TERM") == 15 && SignalName.number(named: "SIGKILL") == 9)
        #expect(SignalName.number(named: "term") == nil && SignalName.number(named: "") == nil)
        #expect(SignalName.name(of: 15) == "TERM" && SignalName.name(of: 40) == "40")
    }

    @Test("a process is started again later and later, at most after half a minute")
    func delays() {
        #expect(RestartPolicy.delay(after: 0) == 100_000_000 && RestartPolicy.delay(after: 3) == 800_000_000)
        for restarts in [9, 100, Int.max, -1] {
            #expect((100_000_000...30_000_000_000).contains(RestartPolicy.delay(after: restarts)))
        }
    }

    @Test("an event has its members in order")
    func events() throws {
        let id = try #require(WorkspaceID("aaaaaaaaaaaaaaaaaaaa"))
        let event = WorkspaceEvent(sequence: 3, time: 5, kind: .state(.stopped, reason: "idle"))
        #expect(
            String(decoding: event.json(id), as: UTF8.self)
                == #"{"type":"state","workspace_id":"aaaaaaaaaaaaaaaaaaaa","seq":3,"time":5,"state":"stopped","reason":"idle"}"#
        )
    }
}
