internal import SandboxSpec

/// The checks both directions share: what may not be sent is what is not accepted.
enum WireBounds {
    /// PATH_MAX less its NUL.
    static let pathBytes = 4095
    static let stageBytes = 64
    static let objectBytes = 4096
    static let syscallBytes = 32
    /// A path of 16 names of 255 bytes, each byte escaped as four characters, and the slashes.
    static let skippedNameBytes = 16_384
    static let reasonBytes = 1024
    static let amount: ClosedRange<Int64> = 0...Int64.max
    static let errno: ClosedRange<Int32> = 0...4095
    static let signal: ClosedRange<UInt8> = 1...64
    static let percent: ClosedRange<UInt8> = 1...100
    static let port: ClosedRange<UInt16> = 1...UInt16.max
    static let pid: ClosedRange<Int32> = 1...Int32.max

    static func range<T: FixedWidthInteger>(_ value: T, _ range: ClosedRange<T>, _ field: String) throws(ProtocolError)
    {
        guard range.contains(value) else {
            throw ProtocolError(
                field: field, found: "\(value)", allowed: "\(range.lowerBound) to \(range.upperBound)")
        }
    }

    static func count(_ value: Int, atMost limit: Int, _ field: String) throws(ProtocolError) {
        guard value <= limit else {
            throw ProtocolError(field: field, found: "\(value) entries", allowed: "at most \(limit)")
        }
    }

    static func noNUL(_ text: String, _ field: String) throws(ProtocolError) {
        guard !text.utf8.contains(0) else {
            throw ProtocolError(field: field, found: ProtocolError.shown(text), allowed: "text without NUL")
        }
    }

    /// Free text of 0 to `limit` bytes without NUL.
    static func text(_ text: String, limit: Int, _ field: String) throws(ProtocolError) {
        guard text.utf8.count <= limit else {
            throw ProtocolError(field: field, found: "\(text.utf8.count) bytes", allowed: "at most \(limit) bytes")
        }
        try noNUL(text, field)
    }

    /// Only bytes of `range` and of those at least `minimum`, at most `limit`.
    static func ascii(
        _ text: String, in range: ClosedRange<UInt8>, minimum: Int, limit: Int, _ field: String
    ) throws(ProtocolError) {
        guard (minimum...limit).contains(text.utf8.count), text.utf8.allSatisfy({ range.contains($0) }) else {
            throw ProtocolError(
                field: field, found: ProtocolError.shown(text),
                allowed: "\(minimum) to \(limit) printable ASCII characters")
        }
    }

    static func failure(_ failure: StageFailure, _ field: String) throws(ProtocolError) {
        try ascii(failure.stage, in: 0x21...0x7e, minimum: 1, limit: stageBytes, field + ".stage")
        try range(failure.index, amount, field + ".index")
        try range(failure.errno, errno, field + ".errno")
        try text(failure.object, limit: objectBytes, field + ".object")
    }

    static func root(path: String, _ field: String) throws(ProtocolError) {
        try text(path, limit: pathBytes, field)
        let components = path.utf8.split(separator: UInt8(ascii: "/"))
        guard path.utf8.first == UInt8(ascii: "/"), !components.contains(where: { $0.elementsEqual("..".utf8) }) else {
            throw ProtocolError(
                field: field, found: ProtocolError.shown(path), allowed: "an absolute path without .. components")
        }
    }

    /// Names of `[a-z0-9_]{1,32}`, in strictly rising byte order.
    static func syscalls(_ names: [String], _ field: String) throws(ProtocolError) {
        try count(names.count, atMost: WardenProtocolLimits.maximumSyscalls, field)
        var previous: String?
        for name in names {
            guard (1...syscallBytes).contains(name.utf8.count), name.utf8.allSatisfy(isSyscallByte) else {
                throw ProtocolError(
                    field: field, found: ProtocolError.shown(name),
                    allowed: "names of 1 to \(syscallBytes) characters a-z, 0-9 and _")
            }
            // All ASCII, so String order is byte order.
            if let previous, previous >= name {
                throw ProtocolError(
                    field: field, found: "\(name) after \(previous)", allowed: "a sorted list without duplicates")
            }
            previous = name
        }
    }

    private static func isSyscallByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
    }

    static func job(_ job: Job) throws(ProtocolError) {
        try count(job.arguments.count, atMost: Job.maximumStrings, "start.arguments")
        try count(job.environment.count, atMost: Job.maximumStrings, "start.environment")
        guard let first = job.arguments.first, !first.isEmpty else {
            throw ProtocolError(
                field: "start.arguments", found: job.arguments.isEmpty ? "empty" : "an empty first string",
                allowed: "a program and its arguments")
        }
        for argument in job.arguments { try noNUL(argument, "start.arguments") }
        for entry in job.environment {
            try noNUL(entry, "start.environment")
            // An entry that starts with its separator has no name.
            guard let separator = entry.utf8.firstIndex(of: UInt8(ascii: "=")), separator != entry.utf8.startIndex
            else {
                throw ProtocolError(
                    field: "start.environment", found: ProtocolError.shown(entry), allowed: "NAME=VALUE")
            }
        }
        // Sums of sizes of values in memory: no overflow.
        let bytes = (job.arguments + job.environment).reduce(0) { $0 + $1.utf8.count + 1 }
        guard bytes <= Job.maximumStringBytes else {
            throw ProtocolError(
                field: "start.arguments and start.environment", found: "\(bytes) bytes",
                allowed: "at most \(Job.maximumStringBytes) bytes, NULs included")
        }
        try count(job.files.count, atMost: Job.maximumFiles, "start.files")
        try artifacts(job.artifacts)
    }

    static func times(_ times: TimeLimits) throws(ProtocolError) {
        try range(times.cpu, LimitName.cpu.range, "start.times.cpu")
        try range(times.wall, LimitName.wall.range, "start.times.wall")
        try range(times.idle, LimitName.idle.range, "start.times.idle")
    }

    private static func artifacts(_ request: ArtifactRequest) throws(ProtocolError) {
        try count(request.patterns.count, atMost: ArtifactRequest.maximumPatterns, "start.artifacts.patterns")
        for pattern in request.patterns {
            try text(pattern, limit: ArtifactRequest.maximumPatternBytes, "start.artifacts.patterns")
            guard !pattern.isEmpty else {
                throw ProtocolError(field: "start.artifacts.patterns", found: "an empty pattern", allowed: "a glob")
            }
        }
        try range(request.maximumCount, ArtifactRequest.countRange, "start.artifacts.count")
        try range(request.maximumBytes, ArtifactRequest.bytesRange, "start.artifacts.bytes")
        try range(request.maximumDepth, ArtifactRequest.depthRange, "start.artifacts.depth")
    }
}
