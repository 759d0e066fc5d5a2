internal import SandboxSpec

/// Codes of words on the wire. Written out, so that reordering an enumeration cannot change the protocol.
private let limitCodes: [LimitName: UInt8] = [
    .cpu: 0, .wall: 1, .idle: 2, .memory: 3, .processes: 4, .output: 5, .disk: 6, .inodes: 7, .fileSize: 8,
    .openFiles: 9, .cpus: 10, .stack: 11,
]
private let verdictCodes: [Verdict: UInt8] = [
    .ok: 0, .nonzeroExit: 1, .signaled: 2, .compileError: 3, .cpuLimit: 4, .wallLimit: 5, .idleLimit: 6,
    .memoryLimit: 7, .outputLimit: 8, .diskLimit: 9, .syscallDenied: 10, .cancelled: 11, .internalError: 12,
]
private let limitNames = Dictionary(uniqueKeysWithValues: limitCodes.map { ($1, $0) })
private let verdicts = Dictionary(uniqueKeysWithValues: verdictCodes.map { ($1, $0) })

extension MessageWriter {
    mutating func amount(_ value: Int64, _ field: String) throws(ProtocolError) {
        try WireBounds.range(value, WireBounds.amount, field)
        try integer(value, field)
    }

    mutating func usage(_ usage: Usage, _ field: String) throws(ProtocolError) {
        try amount(usage.wall, field + ".wall")
        try amount(usage.cpu, field + ".cpu")
        try amount(usage.cpuUser, field + ".cpu_user")
        try amount(usage.cpuSystem, field + ".cpu_system")
        try amount(usage.memory, field + ".memory")
        try amount(usage.memoryPeak, field + ".memory_peak")
        try amount(usage.chargedPeak, field + ".charged_peak")
        try amount(usage.processes, field + ".processes")
        try amount(usage.processesPeak, field + ".processes_peak")
        try amount(usage.disk, field + ".disk")
        try amount(usage.inodes, field + ".inodes")
    }

    mutating func status(_ status: WardenStatus) throws(ProtocolError) {
        try amount(status.sandboxes, "status.sandboxes")
        try amount(status.parked, "status.parked")
        try amount(status.running, "status.running")
        try amount(status.quarantined, "status.quarantined")
        try amount(status.oldestChange, "status.oldest_change")
    }

    mutating func limitHit(_ hit: LimitHit, _ field: String) throws(ProtocolError) {
        guard let code = limitCodes[hit.name] else {
            throw ProtocolError(field: field, found: hit.name.rawValue, allowed: "a limit of this protocol version")
        }
        try integer(code, field)
        try amount(hit.used, field + ".used")
        try amount(hit.allowed, field + ".allowed")
    }

    mutating func failure(_ failure: StageFailure, _ field: String) throws(ProtocolError) {
        try WireBounds.failure(failure, field)
        try string(failure.stage, field)
        try integer(failure.index, field)
        try integer(failure.errno, field)
        try string(failure.object, field)
    }

    mutating func exitStatus(_ status: ExitStatus?, _ field: String) throws(ProtocolError) {
        switch status {
        case nil:
            try integer(UInt8(0), field)
        case .exited(let status):
            try integer(UInt8(1), field)
            try integer(status, field)
        case .signaled(let signal):
            try WireBounds.range(signal, WireBounds.signal, field)
            try integer(UInt8(2), field)
            try integer(signal, field)
        }
    }

    mutating func outcome(_ outcome: SandboxOutcome) throws(ProtocolError) {
        guard let code = verdictCodes[outcome.verdict] else {
            throw ProtocolError(
                field: "finished.verdict", found: outcome.verdict.rawValue,
                allowed: "a verdict of this protocol version")
        }
        try integer(code, "finished.verdict")
        try exitStatus(outcome.status, "finished.status")
        try bool(outcome.limit != nil, "finished.limit")
        if let hit = outcome.limit { try limitHit(hit, "finished.limit") }
        try usage(outcome.usage, "finished.usage")
        try bool(outcome.failure != nil, "finished.failure")
        if let failure = outcome.failure { try self.failure(failure, "finished.failure") }
    }
}

extension MessageReader {
    mutating func amount(_ field: String) throws(ProtocolError) -> Int64 {
        let value = try integer(Int64.self, field)
        try WireBounds.range(value, WireBounds.amount, field)
        return value
    }

    mutating func usage(_ field: String) throws(ProtocolError) -> Usage {
        var usage = Usage()
        usage.wall = try amount(field + ".wall")
        usage.cpu = try amount(field + ".cpu")
        usage.cpuUser = try amount(field + ".cpu_user")
        usage.cpuSystem = try amount(field + ".cpu_system")
        usage.memory = try amount(field + ".memory")
        usage.memoryPeak = try amount(field + ".memory_peak")
        usage.chargedPeak = try amount(field + ".charged_peak")
        usage.processes = try amount(field + ".processes")
        usage.processesPeak = try amount(field + ".processes_peak")
        usage.disk = try amount(field + ".disk")
        usage.inodes = try amount(field + ".inodes")
        return usage
    }

    mutating func status() throws(ProtocolError) -> WardenStatus {
        var status = WardenStatus()
        status.sandboxes = try amount("status.sandboxes")
        status.parked = try amount("status.parked")
        status.running = try amount("status.running")
        status.quarantined = try amount("status.quarantined")
        status.oldestChange = try amount("status.oldest_change")
        return status
    }

    mutating func limitHit(_ field: String) throws(ProtocolError) -> LimitHit {
        let code = try integer(UInt8.self, field)
        guard let name = limitNames[code] else {
            throw ProtocolError(field: field, found: "limit \(code)", allowed: "limit 0 to \(limitNames.count - 1)")
        }
        return LimitHit(name: name, used: try amount(field + ".used"), allowed: try amount(field + ".allowed"))
    }

    mutating func failure(_ field: String) throws(ProtocolError) -> StageFailure {
        let stage = try string(field + ".stage", limit: WireBounds.stageBytes)
        let index = try integer(Int64.self, field + ".index")
        let errno = try integer(Int32.self, field + ".errno")
        let object = try string(field + ".object", limit: WireBounds.objectBytes)
        let failure = StageFailure(stage: stage, index: index, errno: errno, object: object)
        try WireBounds.failure(failure, field)
        return failure
    }

    mutating func outcome() throws(ProtocolError) -> SandboxOutcome {
        let code = try integer(UInt8.self, "finished.verdict")
        guard let verdict = verdicts[code] else {
            throw ProtocolError(field: "finished.verdict", found: "\(code)", allowed: "0 to \(verdicts.count - 1)")
        }
        let status = try exitStatus("finished.status")
        let hit = try bool("finished.limit") ? try limitHit("finished.limit") : nil
        let usage = try usage("finished.usage")
        let failure = try bool("finished.failure") ? try failure("finished.failure") : nil
        return SandboxOutcome(verdict: verdict, status: status, limit: hit, usage: usage, failure: failure)
    }

    mutating func exitStatus(_ field: String) throws(ProtocolError) -> ExitStatus? {
        switch try integer(UInt8.self, field) {
        case 0: return nil
        case 1: return .exited(try integer(UInt8.self, field))
        case 2:
            let signal = try integer(UInt8.self, field)
            try WireBounds.range(signal, WireBounds.signal, field)
            return .signaled(signal)
        case let other: throw ProtocolError(field: field, found: "kind \(other)", allowed: "kind 0 to 2")
        }
    }
}
