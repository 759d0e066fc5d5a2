internal import SandboxSpec
internal import Testing
internal import WardenProtocol

@Suite("bounds: at the bound is let through, one over is refused")
struct BoundsTests {
    private func passes(_ request: Request) throws {
        let bytes = try request.encoded()
        #expect(bytes.count <= WardenProtocolLimits.maximumMessageBytes)
        #expect(try Request(decoding: bytes) == request)
    }

    private func refused(_ request: Request, _ field: String, location: SourceLocation = #_sourceLocation) {
        let error = #expect(throws: ProtocolError.self, sourceLocation: location) { try request.encoded() }
        #expect(error?.field.contains(field) == true, "\(String(describing: error))", sourceLocation: location)
    }

    private func passes(_ event: Event) throws {
        #expect(try Event(decoding: try event.encoded()) == event)
    }

    private func refused(_ event: Event, _ field: String, location: SourceLocation = #_sourceLocation) {
        let error = #expect(throws: ProtocolError.self, sourceLocation: location) { try event.encoded() }
        #expect(error?.field.contains(field) == true, "\(String(describing: error))", sourceLocation: location)
    }

    private func create(_ change: (inout SandboxSpec) -> Void) throws -> Request {
        var spec = try Samples.spec()
        change(&spec)
        return .create(1, spec)
    }

    @Test func syscalls() throws {
        let names = (0..<513).map { index in "s" + String(repeating: "0", count: 4 - "\(index)".count) + "\(index)" }
        try passes(try create { $0.syscalls = Array(names.prefix(512)) })
        refused(try create { $0.syscalls = names }, "syscalls")
        try passes(try create { $0.syscalls = [String(repeating: "a", count: 32)] })
        for bad in ["", String(repeating: "a", count: 33), "Read", "re-ad", "re ad", "ré", "a\0"] {
            refused(try create { $0.syscalls = [bad] }, "syscalls")
        }
        refused(try create { $0.syscalls = ["read", "read"] }, "syscalls")
        refused(try create { $0.syscalls = ["write", "read"] }, "syscalls")
    }

    @Test func percentAndRoot() throws {
        for percent in [UInt8(1), 100] { try passes(try create { $0.warnAt = percent }) }
        for percent in [UInt8(0), 101, 255] { refused(try create { $0.warnAt = percent }, "warn_at") }
        let longest = "/" + String(repeating: "a", count: 4094)
        try passes(try create { $0.root = .tree(longest) })
        for bad in [longest + "a", "", "a", "a/b", "/a/../b", "/..", "/a\0"] {
            refused(try create { $0.root = .tree(bad) }, "root")
        }
        try passes(try create { $0.root = .tree("/a/..b/c..") })
    }

    @Test("limits out of range cannot even be made, so they are put into the bytes")
    func limits() throws {
        let spec = try create { $0.root = .host }
        let bytes = try spec.encoded()
        // tag, id, root kind, then twelve 64-bit limits.
        for (index, name) in LimitName.allCases.enumerated() {
            let at = 10 + index * 8
            for (value, fits) in [
                (name.range.lowerBound, true), (name.range.lowerBound - 1, false), (name.range.upperBound, true),
                (name.range.upperBound + 1, false), (0, false), (-1, false), (.max, false), (.min, false),
            ] {
                var changed = bytes
                for byte in 0..<8 {
                    changed[at + byte] = UInt8(truncatingIfNeeded: UInt64(bitPattern: value) >> (8 * UInt64(byte)))
                }
                do {
                    let decoded = try Request(decoding: changed)
                    #expect(fits, "\(name) \(value)")
                    #expect(try decoded.encoded() == changed)
                } catch {
                    #expect(!fits && error.field == "create.limits.\(name.rawValue)", "\(error)")
                }
            }
        }
    }

    @Test func jobStrings() throws {
        func start(_ arguments: [String], _ environment: [String] = []) -> Request {
            .start(1, Job(arguments: arguments, environment: environment), times: nil)
        }
        try passes(start(Array(repeating: "a", count: 512), Array(repeating: "A=", count: 512)))
        refused(start(Array(repeating: "a", count: 513)), "arguments")
        refused(start(["a"], Array(repeating: "A=", count: 513)), "environment")
        refused(start([]), "arguments")
        refused(start([""]), "arguments")
        refused(start(["a", "b\0"]), "arguments")
        for bad in ["", "A", "=", "=B", "A=\0"] { refused(start(["a"], [bad]), "environment") }
        // Two NULs are counted as well.
        let rest = String(repeating: "x", count: Job.maximumStringBytes - 2 - "A=".utf8.count)
        try passes(start([rest], ["A="]))
        refused(start([rest + "x"], ["A="]), "arguments")
    }

    @Test("the largest job there can be fits a message")
    func largestJob() throws {
        let half = Job.maximumStringBytes / 2 / 512
        let argument = String(repeating: "a", count: half - 1)
        let entry = "A=" + String(repeating: "b", count: half - 3)
        let patterns = Array(repeating: String(repeating: "p", count: 255), count: 32)
        try passes(
            .start(
                .max,
                Job(
                    arguments: Array(repeating: argument, count: 512), environment: Array(repeating: entry, count: 512),
                    artifacts: ArtifactRequest(patterns: patterns)), times: nil))
    }

    @Test func artifacts() throws {
        func start(_ change: (inout ArtifactRequest) -> Void) -> Request {
            var request = ArtifactRequest(patterns: ["*"])
            change(&request)
            return .start(1, Job(arguments: ["a"], environment: [], artifacts: request), times: nil)
        }
        try passes(start { $0.patterns = Array(repeating: "*", count: 32) })
        refused(start { $0.patterns = Array(repeating: "*", count: 33) }, "patterns")
        try passes(start { $0.patterns = [String(repeating: "*", count: 255)] })
        refused(start { $0.patterns = [String(repeating: "*", count: 256)] }, "patterns")
        refused(start { $0.patterns = [""] }, "patterns")
        refused(start { $0.patterns = ["a\0"] }, "patterns")
        for count in [Int64(0), 1024] { try passes(start { $0.maximumCount = count }) }
        for count in [Int64(-1), 1025, .max, .min] { refused(start { $0.maximumCount = count }, "count") }
        for bytes in [Int64(0), 1_073_741_824] { try passes(start { $0.maximumBytes = bytes }) }
        for bytes in [Int64(-1), 1_073_741_825] { refused(start { $0.maximumBytes = bytes }, "bytes") }
        for depth in [Int64(1), 16] { try passes(start { $0.maximumDepth = depth }) }
        for depth in [Int64(0), 17] { refused(start { $0.maximumDepth = depth }, "depth") }
    }

    @Test func signalsAndReasons() throws {
        for number in [UInt8(1), 64] { try passes(.signal(1, number)) }
        for number in [UInt8(0), 65, 255] { refused(.signal(1, number), "signal") }
        refused(.kill(1, .output(bytes: -1)), "kill")
    }

    @Test func failures() throws {
        func failure(_ stage: String = "s", index: Int64 = 0, errno: Int32 = 0, object: String = "") -> Event {
            .refused(1, StageFailure(stage: stage, index: index, errno: errno, object: object))
        }
        try passes(failure(String(repeating: "s", count: 64)))
        for bad in ["", String(repeating: "s", count: 65), "a b", "a\n", "ä"] { refused(failure(bad), "stage") }
        refused(failure(index: -1), "index")
        try passes(failure(errno: 4095))
        for bad in [Int32(-1), 4096, .max, .min] { refused(failure(errno: bad), "errno") }
        try passes(failure(object: String(repeating: "o", count: 4096)))
        refused(failure(object: String(repeating: "o", count: 4097)), "object")
        refused(failure(object: "a\0"), "object")
    }

    @Test func eventsAboutRuns() throws {
        refused(.welcome(version: 1, pid: 0), "pid")
        refused(.welcome(version: 1, pid: -1), "pid")
        let path = try BoxPath("a")
        for bytes in [Int64(-1), 1_073_741_825] { refused(.artifact(1, path, bytes: bytes), "artifact.bytes") }
        try passes(.artifactSkipped(1, name: String(repeating: "n", count: 16_384), reason: "r"))
        refused(.artifactSkipped(1, name: String(repeating: "n", count: 16_385), reason: "r"), "name")
        refused(.artifactSkipped(1, name: "a\u{1b}b", reason: "r"), "name")
        refused(.artifactSkipped(1, name: "ä", reason: "r"), "name")
        refused(.artifactSkipped(1, name: "a", reason: String(repeating: "r", count: 1025)), "reason")
        refused(.warning(1, LimitHit(name: .cpu, used: -1, allowed: 0)), "used")
        refused(.warning(1, LimitHit(name: .cpu, used: 0, allowed: .min)), "allowed")
        var usage = Usage()
        usage.inodes = -1
        refused(.usage(1, usage), "inodes")
        var status = WardenStatus()
        status.quarantined = -1
        refused(.status(status), "status.quarantined")
        refused(.finished(1, SandboxOutcome(verdict: .ok, status: .signaled(0), usage: Usage())), "status")
        refused(.finished(1, SandboxOutcome(verdict: .ok, status: .signaled(65), usage: Usage())), "status")
    }

    @Test("a process brings no files and leaves none, and begins in an absolute path")
    func processes() throws {
        func refused(_ job: Job, _ options: SpawnOptions, _ field: String) {
            let error = #expect(throws: ProtocolError.self) { try Request.spawn(1, 1, job, options).encoded() }
            #expect(error?.field == field, "\(String(describing: error))")
        }
        let plain = Job(arguments: ["a"], environment: [])
        for directory in ["", "box", "/a\0b", "/" + String(repeating: "a", count: 1024)] {
            refused(plain, SpawnOptions(directory: directory), "spawn.directory")
        }
        var job = plain
        job.files = [InlineFile(path: try BoxPath("a"), content: [], executable: false)]
        refused(job, SpawnOptions(), "spawn.job")
        job = Job(
            arguments: ["a"], environment: [],
            artifacts: ArtifactRequest(
                patterns: ["*"], maximumCount: 1, maximumBytes: 1, maximumDepth: 1))
        refused(job, SpawnOptions(), "spawn.job")
        let number = #expect(throws: ProtocolError.self) { try Request.signalProcess(1, 1, 65).encoded() }
        #expect(number?.field == "signal.number")
        let port = #expect(throws: ProtocolError.self) { try Request.dial(1, 1, port: 0).encoded() }
        #expect(port?.field == "dial.port")
    }

    @Test("a decoder does not trust the encoder: the same bounds hold for bytes")
    func bytes() throws {
        func refused(_ bytes: [UInt8], _ field: String, location: SourceLocation = #_sourceLocation) {
            let error = #expect(throws: ProtocolError.self, sourceLocation: location) { try Request(decoding: bytes) }
            #expect(error?.field == field, "\(String(describing: error))", sourceLocation: location)
        }
        let id: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0]
        refused([], "message")
        refused(Array(repeating: 8, count: 65_537), "message")
        refused([0], "tag")
        refused([15] + id, "tag")
        refused([12] + id, "spawn.process")
        refused([14] + id + [1, 0, 0, 0, 0, 0], "dial.port")
        refused([11] + id + [6], "files.operation")
        refused([11] + id + [2, 2], "files.replacing")
        refused([11] + id + [3, 2, 0, 0x2e, 0x2e], "files.path")
        refused([3] + id + [1, 0, 0xff, 0], "upload.path")
        refused([3] + id + [2, 0, 0x2e, 0x2e, 0], "upload.path")
        refused([3] + id + [1, 0, 0x61, 2], "upload.executable")
        refused([3] + id + [0xff, 0xff], "upload.path")
        refused([4] + id + [0xff, 0xff], "start.arguments")
        refused([4] + id + [1, 0, 1, 0, 0], "start.arguments")
        refused([5] + id + [2], "kill.reason")
        refused([6] + id + [0], "signal.number")
        refused([8] + id + [0], "message")
        refused([9] + id + [0], "message")
        refused([2] + id + [2], "create.root")
    }

    @Test("no bytes name an option, code or another directory for what is started before there is a sandbox")
    func interpreterBytes() throws {
        let interpreter = try Interpreter(
            command: ["lua5.4", "main.lua"], environment: [], script: "main.lua", modules: ["main.lua"])
        var spec = SandboxSpec(root: .host, limits: .maximum, warnAt: 80, network: .none, syscalls: [])
        spec.preparation = .fork(.lua, interpreter)
        let bytes = try Request.create(1, spec).encoded()
        let name = Array("main.lua".utf8)
        // Of the command, the script, the module.
        let places = bytes.indices.filter { bytes[$0...].starts(with: name) }
        try #require(places.count == 3)
        for bad in ["-eprint()", "x')y()('", "../../ab", ".hidden1", "/proc/1/", "a b c d ", "a\0b.luaa"] {
            for (place, field) in [(places[1], "script"), (places[2], "modules")] {
                var changed = bytes
                changed.replaceSubrange(place..<place + name.count, with: Array(bad.utf8.prefix(name.count)))
                let error = #expect(throws: ProtocolError.self) { try Request(decoding: changed) }
                #expect(
                    error?.field.hasPrefix("create.preparation.") == true,
                    "\(bad) as \(field): \(String(describing: error))")
            }
        }
    }

    @Test("of an answer about input only yes and no can be read")
    func inputBytes() throws {
        let id: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0]
        #expect(try Event(decoding: [74] + id + [1]) == .input(1, isAwaited: true))
        #expect(try Event(decoding: [74] + id + [0]) == .input(1, isAwaited: false))
        for (bytes, field) in [
            ([74] + id + [2], "input.is_awaited"), ([74] + id, "input.is_awaited"), ([82] + id, "tag"),
            ([81] + id + [1, 0, 0, 0, 0, 16, 0, 0], "dialed.errno"),
            ([80] + id + [1, 0, 0, 0, 0], "exited.status"),
            ([76] + id + [0, 16, 0, 0], "files.errno"),
            ([74] + id + [1, 0], "message"),
        ] {
            let error = #expect(throws: ProtocolError.self) { try Event(decoding: bytes) }
            #expect(error?.field == field, "\(String(describing: error))")
        }
    }
}
