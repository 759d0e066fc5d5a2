internal import SandboxSpec

extension Request {
    /// The first byte of every request.
    private enum Tag: UInt8 {
        case hello = 1
        case create, upload, start, kill, signal, resize, activity, probe, inquire, files, spawn, signalProcess, dial
    }

    /// How many descriptors must ride along; any other number is a protocol error.
    package var descriptorCount: Int {
        switch self {
        case .upload: 1
        case .files(_, let order): order.hasDescriptor ? 1 : 0
        default: 0
        }
    }

    /// - Throws: when `count` descriptors came with the message and it carries another number.
    package func check(descriptorCount count: Int) throws(ProtocolError) {
        guard count == descriptorCount else {
            throw ProtocolError(field: "descriptors", found: "\(count)", allowed: "\(descriptorCount)")
        }
    }

    /// The message as one packet.
    /// - Throws: when a value is out of bounds or the whole is over `WardenProtocolLimits.maximumMessageBytes`.
    package func encoded() throws(ProtocolError) -> [UInt8] {
        var writer = MessageWriter()
        switch self {
        case .hello(let version):
            try writer.integer(Tag.hello.rawValue, "tag")
            try writer.integer(version, "hello.version")
        case .create(let id, let spec):
            try writer.head(Tag.create.rawValue, id)
            try writer.spec(spec)
        case .upload(let id, let path, let executable):
            try writer.head(Tag.upload.rawValue, id)
            try writer.path(path, "upload.path")
            try writer.bool(executable, "upload.executable")
        case .start(let id, let job, let times):
            try writer.head(Tag.start.rawValue, id)
            try writer.job(job)
            try writer.times(times)
        case .kill(let id, let reason):
            try writer.head(Tag.kill.rawValue, id)
            switch reason {
            case .cancelled:
                try writer.integer(UInt8(0), "kill.reason")
            case .output(let bytes):
                try writer.integer(UInt8(1), "kill.reason")
                try writer.amount(bytes, "kill.bytes")
            }
        case .signal(let id, let number):
            try WireBounds.range(number, WireBounds.signal, "signal.number")
            try writer.head(Tag.signal.rawValue, id)
            try writer.integer(number, "signal.number")
        case .resize(let id, let size):
            try writer.head(Tag.resize.rawValue, id)
            try writer.terminalSize(size, "resize.size")
        case .activity(let id):
            try writer.head(Tag.activity.rawValue, id)
        case .probe(let id):
            try writer.head(Tag.probe.rawValue, id)
        case .files(let id, let order):
            try writer.head(Tag.files.rawValue, id)
            try writer.files(order)
        case .spawn(let id, let process, let job, let options):
            try writer.head(Tag.spawn.rawValue, id)
            try WireBounds.process(job)
            try writer.integer(process, "spawn.process")
            try writer.job(job)
            try writer.spawnOptions(options)
        case .signalProcess(let id, let process, let number):
            try WireBounds.range(number, WireBounds.signal, "signal.number")
            try writer.head(Tag.signalProcess.rawValue, id)
            try writer.integer(process, "signal.process")
            try writer.integer(number, "signal.number")
        case .dial(let id, let dial, let port):
            try WireBounds.range(port, WireBounds.port, "dial.port")
            try writer.head(Tag.dial.rawValue, id)
            try writer.integer(dial, "dial.number")
            try writer.integer(port, "dial.port")
        case .inquire:
            try writer.integer(Tag.inquire.rawValue, "tag")
        }
        return writer.bytes
    }

    /// The number of the sandbox that `bytes` would create; nil when they are another request, or none.
    static func createdID(_ bytes: [UInt8]) -> SandboxID? {
        guard bytes.first == Tag.create.rawValue, bytes.count > 9 else { return nil }
        return bytes[1..<9].reversed().reduce(SandboxID(0)) { $0 << 8 | SandboxID($1) }
    }

    /// The one request that `bytes` is the encoding of.
    /// - Throws: for anything else: unknown tags, values out of bounds, missing or trailing bytes.
    package init(decoding bytes: [UInt8]) throws(ProtocolError) {
        var reader = try MessageReader(bytes)
        let code = try reader.integer(UInt8.self, "tag")
        guard let tag = Tag(rawValue: code) else {
            throw ProtocolError(field: "tag", found: "\(code)", allowed: "1 to \(Tag.dial.rawValue)")
        }
        if tag == .hello {
            self = .hello(version: try reader.integer(UInt32.self, "hello.version"))
        } else if tag == .inquire {
            self = .inquire
        } else {
            let id = try reader.integer(SandboxID.self, "sandbox")
            self = try Self.body(tag, id, &reader)
        }
        try reader.end()
    }

    private static func body(
        _ tag: Tag, _ id: SandboxID, _ reader: inout MessageReader
    ) throws(ProtocolError) -> Request {
        switch tag {
        case .create: return .create(id, try reader.spec())
        case .upload:
            return .upload(id, try reader.path("upload.path"), executable: try reader.bool("upload.executable"))
        case .start: return .start(id, try reader.job(), times: try reader.times())
        case .kill: return .kill(id, try reader.killReason())
        case .signal:
            let number = try reader.integer(UInt8.self, "signal.number")
            try WireBounds.range(number, WireBounds.signal, "signal.number")
            return .signal(id, number)
        case .resize: return .resize(id, try reader.terminalSize("resize.size"))
        case .activity: return .activity(id)
        case .probe: return .probe(id)
        case .files: return .files(id, try reader.filesOrder())
        case .spawn:
            let process = try reader.integer(ProcessNumber.self, "spawn.process")
            let job = try reader.job()
            try WireBounds.process(job)
            return .spawn(id, process, job, try reader.spawnOptions())
        case .signalProcess:
            let process = try reader.integer(ProcessNumber.self, "signal.process")
            let number = try reader.integer(UInt8.self, "signal.number")
            try WireBounds.range(number, WireBounds.signal, "signal.number")
            return .signalProcess(id, process, number)
        case .dial:
            let dial = try reader.integer(DialNumber.self, "dial.number")
            let port = try reader.integer(UInt16.self, "dial.port")
            try WireBounds.range(port, WireBounds.port, "dial.port")
            return .dial(id, dial, port: port)
        case .hello, .inquire:
            throw ProtocolError(field: "tag", found: "\(tag)", allowed: "a message about a sandbox")
        }
    }
}

extension MessageWriter {
    /// What every message about a sandbox starts with.
    mutating func head(_ tag: UInt8, _ id: SandboxID) throws(ProtocolError) {
        try integer(tag, "tag")
        try integer(id, "sandbox")
    }
}

extension MessageReader {
    fileprivate mutating func killReason() throws(ProtocolError) -> KillReason {
        switch try integer(UInt8.self, "kill.reason") {
        case 0: return .cancelled
        case 1: return .output(bytes: try amount("kill.bytes"))
        case let other: throw ProtocolError(field: "kill.reason", found: "\(other)", allowed: "0 or 1")
        }
    }
}
