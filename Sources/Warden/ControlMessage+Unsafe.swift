internal import CSandbox
internal import Glibc
internal import LinuxSystem
internal import SandboxSpec
internal import WardenProtocol

/// A packet from pid 1 of a sandbox.
struct ControlMessage: ~Copyable {
    let type: UInt32
    let failure: nestbox_failure
    let value: Int64
    /// What comes with the value, where something does.
    let more: (Int64, Int64, Int64)
    let text: [UInt8]
    var descriptors: DescriptorList

    /// Receives one packet without waiting; nil when the other end is gone. Throws EAGAIN when there is none.
    static func receive(on socket: Int32) throws(SystemCallError) -> ControlMessage? {
        let header = MemoryLayout<nestbox_message>.size
        let packet = try PacketSocket.receive(on: socket, limit: header + 8192, maximumDescriptors: 4, wait: false)
        if packet.bytes.isEmpty { return nil }
        guard packet.bytes.count >= header else { throw SystemCallError("recvmsg", errno: EPROTO, object: "pid 1") }
        // SAFETY: the packet is at least as long as the struct, which any bits are valid for.
        let message = unsafe packet.bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: nestbox_message.self) }
        let bytes = packet.bytes
        return ControlMessage(
            type: message.type, failure: message.failure, value: message.value.0,
            more: (message.value.1, message.value.2, message.value.3), text: Array(bytes[header...]),
            descriptors: packet.takeDescriptors())
    }

    /// The text as it may be shown: ASCII, the rest escaped.
    var shownText: String { Self.shown(text[...]) }

    static func shown(_ bytes: ArraySlice<UInt8>) -> String {
        let text = String(decoding: bytes.prefix(1024), as: UTF8.self).unicodeScalars.map { $0.escaped(asASCII: true) }
        // Escaping makes it longer by up to eight times; texts of an event have a bound.
        return String(text.joined().prefix(3000))
    }
}

/// Packets to pid 1 of a sandbox.
enum ControlOrder {
    static let mapped = header(type: UInt32(NESTBOX_MAPPED.rawValue), value: 0, length: 0)

    static func upload(_ path: BoxPath, executable: Bool) -> [UInt8] {
        let text = Array(path.description.utf8)
        let mode: Int64 = executable ? 0o755 : 0o644
        return header(type: UInt32(NESTBOX_UPLOAD.rawValue), value: mode, length: text.count) + text
    }

    static func signal(_ number: UInt8, process: ProcessNumber = 0) -> [UInt8] {
        header(type: UInt32(NESTBOX_SIGNAL.rawValue), values: (Int64(number), Int64(process), 0, 0), length: 0)
    }

    /// - Parameter cpu: as of `start`.
    static func spawn(_ process: ProcessNumber, _ job: Job, _ options: SpawnOptions, cpu: Int64) -> [UInt8] {
        let size = options.terminal
        let text = Array(options.directory.utf8) + [0] + self.text(of: job)
        return header(
            type: UInt32(NESTBOX_SPAWN.rawValue),
            values: (
                Int64(process), seconds(cpu), size == nil ? 0 : Int64(NESTBOX_SPAWN_TERMINAL),
                Int64(size?.rows ?? 0) << 16 | Int64(size?.columns ?? 0)
            ), length: text.count) + text
    }

    static func dial(_ dial: DialNumber, _ port: UInt16) -> [UInt8] {
        header(type: UInt32(NESTBOX_DIAL.rawValue), values: (Int64(dial), Int64(port), 0, 0), length: 0)
    }

    static func files(_ order: FilesOrder) -> [UInt8] {
        var (values, path): ((Int64, Int64, Int64, Int64), [UInt8]) = ((0, 0, 0, 0), [])
        switch order {
        case .pack(let place, let packing):
            let flags =
                (packing.isList ? Int64(NESTBOX_FILES_LIST) : 0) | (packing.freezes ? Int64(NESTBOX_FILES_FREEZE) : 0)
                | (packing.isShallow ? Int64(NESTBOX_FILES_SHALLOW) : 0)
            values = (Int64(NESTBOX_FILES_PACK.rawValue), flags, packing.maximumBytes, packing.maximumFiles)
            path = place.map { Array($0.description.utf8) } ?? []
        case .unpack(let replacing):
            values = (Int64(NESTBOX_FILES_UNPACK.rawValue), replacing ? Int64(NESTBOX_FILES_REPLACE) : 0, 0, 0)
        case .remove(let place):
            values = (Int64(NESTBOX_FILES_REMOVE.rawValue), 0, 0, 0)
            path = Array(place.description.utf8)
        case .open(let place):
            values = (Int64(NESTBOX_FILES_OPEN.rawValue), 0, 0, 0)
            path = Array(place.description.utf8)
        case .move(let place, let target, let replacing):
            values = (Int64(NESTBOX_FILES_MOVE.rawValue), replacing ? Int64(NESTBOX_FILES_REPLACE) : 0, 0, 0)
            path = Array(place.description.utf8) + [0] + Array(target.description.utf8)
        }
        return header(type: UInt32(NESTBOX_FILES.rawValue), values: values, length: path.count) + path
    }

    static let probe = header(type: UInt32(NESTBOX_PROBE.rawValue), value: 0, length: 0)

    /// - Parameter cpu: nanoseconds of CPU time that all processes may use together. The kernel ends each that uses a second
    ///   more by itself, should the warden not be there to do it.
    static func start(_ job: Job, cpu: Int64) -> [UInt8] {
        packet(NESTBOX_START, job, value: seconds(cpu))
    }

    private static func seconds(_ cpu: Int64) -> Int64 {
        let (sum, isTooMuch) = max(0, cpu).addingReportingOverflow(999_999_999)
        return (isTooMuch ? Int64.max : sum) / 1_000_000_000
    }

    /// The job of the interpreter, before there is one of the program.
    static func boot(_ job: Job) -> [UInt8] { packet(NESTBOX_BOOT, job) }

    private static func packet(_ type: nestbox_message_type, _ job: Job, value: Int64 = 0) -> [UInt8] {
        let text = text(of: job)
        return header(type: UInt32(type.rawValue), value: value, length: text.count) + text
    }

    private static func text(of job: Job) -> [UInt8] {
        var head = nestbox_job()
        head.arguments = UInt32(job.arguments.count)
        head.environment = UInt32(job.environment.count)
        head.patterns = UInt32(job.artifacts.patterns.count)
        head.files = UInt32(clamping: job.files.count)
        head.maximum_depth = UInt32(clamping: job.artifacts.maximumDepth)
        head.maximum_count = UInt64(clamping: job.artifacts.maximumCount)
        head.maximum_bytes = UInt64(clamping: job.artifacts.maximumBytes)
        // SAFETY: a C struct without pointers is its bytes.
        var text = unsafe withUnsafeBytes(of: &head) { unsafe Array($0) }
        for string in job.arguments + job.environment + job.artifacts.patterns {
            text += Array(string.utf8)
            text.append(0)
        }
        for file in job.files {
            let path = Array(file.path.description.utf8) + [0]
            var head = nestbox_inline_file()
            head.mode = file.executable ? 0o755 : 0o644
            head.path = UInt32(clamping: path.count)
            head.contents = UInt32(clamping: file.content.count)
            // SAFETY: a C struct without pointers is its bytes.
            text += unsafe withUnsafeBytes(of: &head) { unsafe Array($0) }
            text += path + file.content
        }
        return text
    }

    private static func header(type: UInt32, value: Int64, length: Int) -> [UInt8] {
        header(type: type, values: (value, 0, 0, 0), length: length)
    }

    private static func header(type: UInt32, values: (Int64, Int64, Int64, Int64), length: Int) -> [UInt8] {
        var message = nestbox_message()
        message.type = type
        message.length = UInt32(clamping: length)
        message.value = values
        // SAFETY: a C struct without pointers is its bytes.
        return unsafe withUnsafeBytes(of: &message) { unsafe Array($0) }
    }
}
