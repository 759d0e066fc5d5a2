internal import SandboxSpec

extension Event {
    /// The first byte of every event; apart from those of requests, so that a mixed-up direction is noticed.
    private enum Tag: UInt8 {
        case welcome = 65
        case created, refused, started, usage, warning, artifact, artifactSkipped, finished, input, status, files
        case listening, spawned, spawnFailed, exited, dialed
    }

    /// How many descriptors may ride along, in rising order: `created` carries a terminal or three pipes, and
    /// with a channel two pipes and two files more, and with egress a listening socket.
    package var descriptorCounts: [Int] {
        switch self {
        case .created: [1, 2, 3, 4, 5, 6, 7, 8]
        case .artifact: [1]
        case .spawned: [1, 3]
        case .files, .dialed: [0, 1]
        case .listening: [0, 1, 2]
        default: [0]
        }
    }

    /// - Throws: when `count` descriptors came with the message and it carries another number.
    package func check(descriptorCount count: Int) throws(ProtocolError) {
        guard descriptorCounts.contains(count) else {
            throw ProtocolError(
                field: "descriptors", found: "\(count)",
                allowed: descriptorCounts.map(String.init).joined(separator: " or "))
        }
    }

    /// The message as one packet.
    /// - Throws: when a value is out of bounds or the whole is over `WardenProtocolLimits.maximumMessageBytes`.
    package func encoded() throws(ProtocolError) -> [UInt8] {
        var writer = MessageWriter()
        switch self {
        case .welcome(let version, let pid):
            try WireBounds.range(pid, WireBounds.pid, "welcome.pid")
            try writer.integer(Tag.welcome.rawValue, "tag")
            try writer.integer(version, "welcome.version")
            try writer.integer(pid, "welcome.pid")
        case .status(let status):
            try writer.integer(Tag.status.rawValue, "tag")
            try writer.status(status)
        case .created(let id):
            try writer.head(Tag.created.rawValue, id)
        case .refused(let id, let failure):
            try writer.head(Tag.refused.rawValue, id)
            try writer.failure(failure, "refused")
        case .started(let id):
            try writer.head(Tag.started.rawValue, id)
        case .usage(let id, let usage):
            try writer.head(Tag.usage.rawValue, id)
            try writer.usage(usage, "usage")
        case .warning(let id, let hit):
            try writer.head(Tag.warning.rawValue, id)
            try writer.limitHit(hit, "warning")
        case .input(let id, let isAwaited):
            try writer.head(Tag.input.rawValue, id)
            try writer.bool(isAwaited, "input.is_awaited")
        case .artifact(let id, let path, let bytes):
            try WireBounds.range(bytes, ArtifactRequest.bytesRange, "artifact.bytes")
            try writer.head(Tag.artifact.rawValue, id)
            try writer.path(path, "artifact.path")
            try writer.integer(bytes, "artifact.bytes")
        case .artifactSkipped(let id, let name, let reason):
            try WireBounds.skipped(name: name, reason: reason)
            try writer.head(Tag.artifactSkipped.rawValue, id)
            try writer.string(name, "artifact_skipped.name")
            try writer.string(reason, "artifact_skipped.reason")
        case .files(let id, let result):
            try writer.head(Tag.files.rawValue, id)
            try writer.files(result)
        case .listening(let id):
            try writer.head(Tag.listening.rawValue, id)
        case .spawned(let id, let process):
            try writer.head(Tag.spawned.rawValue, id)
            try writer.integer(process, "spawned.process")
        case .spawnFailed(let id, let process, let failure):
            try writer.head(Tag.spawnFailed.rawValue, id)
            try writer.integer(process, "spawn_failed.process")
            try writer.failure(failure, "spawn_failed")
        case .exited(let id, let process, let end):
            try writer.head(Tag.exited.rawValue, id)
            try writer.integer(process, "exited.process")
            try writer.processEnd(end)
        case .dialed(let id, let dial, let errno):
            try WireBounds.range(errno, WireBounds.errno, "dialed.errno")
            try writer.head(Tag.dialed.rawValue, id)
            try writer.integer(dial, "dialed.number")
            try writer.integer(errno, "dialed.errno")
        case .finished(let id, let outcome):
            try writer.head(Tag.finished.rawValue, id)
            try writer.outcome(outcome)
        }
        return writer.bytes
    }

    /// The one event that `bytes` is the encoding of.
    /// - Throws: for anything else: unknown tags, values out of bounds, missing or trailing bytes.
    package init(decoding bytes: [UInt8]) throws(ProtocolError) {
        var reader = try MessageReader(bytes)
        let code = try reader.integer(UInt8.self, "tag")
        guard let tag = Tag(rawValue: code) else {
            throw ProtocolError(
                field: "tag", found: "\(code)", allowed: "\(Tag.welcome.rawValue) to \(Tag.dialed.rawValue)")
        }
        if tag == .welcome {
            let version = try reader.integer(UInt32.self, "welcome.version")
            let pid = try reader.integer(Int32.self, "welcome.pid")
            try WireBounds.range(pid, WireBounds.pid, "welcome.pid")
            self = .welcome(version: version, pid: pid)
        } else if tag == .status {
            self = .status(try reader.status())
        } else {
            let id = try reader.integer(SandboxID.self, "sandbox")
            self = try Self.body(tag, id, &reader)
        }
        try reader.end()
    }

    private static func body(
        _ tag: Tag, _ id: SandboxID, _ reader: inout MessageReader
    ) throws(ProtocolError) -> Event {
        switch tag {
        case .created: return .created(id)
        case .refused: return .refused(id, try reader.failure("refused"))
        case .started: return .started(id)
        case .usage: return .usage(id, try reader.usage("usage"))
        case .warning: return .warning(id, try reader.limitHit("warning"))
        case .input: return .input(id, isAwaited: try reader.bool("input.is_awaited"))
        case .artifact:
            let path = try reader.path("artifact.path")
            let bytes = try reader.integer(Int64.self, "artifact.bytes")
            try WireBounds.range(bytes, ArtifactRequest.bytesRange, "artifact.bytes")
            return .artifact(id, path, bytes: bytes)
        case .artifactSkipped:
            let name = try reader.string("artifact_skipped.name", limit: WireBounds.skippedNameBytes)
            let reason = try reader.string("artifact_skipped.reason", limit: WireBounds.reasonBytes)
            try WireBounds.skipped(name: name, reason: reason)
            return .artifactSkipped(id, name: name, reason: reason)
        case .files: return .files(id, try reader.filesResult())
        case .listening: return .listening(id)
        case .spawned: return .spawned(id, try reader.integer(ProcessNumber.self, "spawned.process"))
        case .spawnFailed:
            let process = try reader.integer(ProcessNumber.self, "spawn_failed.process")
            return .spawnFailed(id, process, try reader.failure("spawn_failed"))
        case .exited:
            let process = try reader.integer(ProcessNumber.self, "exited.process")
            return .exited(id, process, try reader.processEnd())
        case .dialed:
            let dial = try reader.integer(DialNumber.self, "dialed.number")
            let errno = try reader.integer(Int32.self, "dialed.errno")
            try WireBounds.range(errno, WireBounds.errno, "dialed.errno")
            return .dialed(id, dial, errno: errno)
        case .finished: return .finished(id, try reader.outcome())
        case .welcome, .status: throw ProtocolError(field: "tag", found: "\(tag)", allowed: "a message about a sandbox")
        }
    }
}

extension WireBounds {
    /// A skipped artifact's name comes from foreign code, so it must have been made printable.
    fileprivate static func skipped(name: String, reason: String) throws(ProtocolError) {
        try ascii(name, in: 0x20...0x7e, minimum: 0, limit: skippedNameBytes, "artifact_skipped.name")
        try text(reason, limit: reasonBytes, "artifact_skipped.reason")
    }
}
