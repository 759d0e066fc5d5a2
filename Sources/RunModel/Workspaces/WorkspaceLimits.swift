package import SandboxSpec

/// The limits of a workspace, by the names they have in policies, requests and events. Those of its sandbox (`LimitName`) hold besides.
package enum WorkspaceLimitName: String, Sendable, CaseIterable {
    /// Time in which nobody asks anything of it and no process of it runs.
    case idle
    /// Time from a start to the stop; the most that `ttl` can be.
    case life
    /// CPU time of all its processes together, from a start to the stop.
    case cpu
    /// Processes that were started in it and live.
    case processes
    /// Clients connected to its ports at the same time.
    case connections
    /// Bytes of output that are kept of each process.
    case log

    package var unit: LimitName.Unit {
        switch self {
        case .idle, .life, .cpu: .nanoseconds
        case .processes, .connections: .count
        case .log: .bytes
        }
    }

    /// The values a limit may have, in `unit`.
    package var range: ClosedRange<Int64> {
        switch self {
        // The sandbox lives a minute longer, which `LimitName.wall` has to have room for.
        case .idle, .life: 1_000_000_000...82_800_000_000_000  // 1 s to 23 h
        case .cpu: LimitName.cpu.range
        case .processes: 1...Int64(SandboxSpec.maximumProcesses)
        case .connections: 1...1024
        case .log: 4096...16_777_216
        }
    }

    /// The limit that this one cannot be above: what is beyond would never be reached.
    package var bound: WorkspaceLimitName? { self == .idle ? .life : nil }
}

/// What a workspace may use, from a start to the stop. `WorkspaceLimitName` says what each is.
package struct WorkspaceLimits: Sendable, Equatable {
    /// Nanoseconds, as `life` and `cpu`.
    package var idle: Int64
    package var life: Int64
    package var cpu: Int64
    package var processes: Int
    package var connections: Int
    package var logBytes: Int

    package init(idle: Int64, life: Int64, cpu: Int64, processes: Int, connections: Int, logBytes: Int) {
        self.idle = idle
        self.life = life
        self.cpu = cpu
        self.processes = processes
        self.connections = connections
        self.logBytes = logBytes
    }

    /// What holds where no policy says anything else.
    package static let usual = WorkspaceLimits(
        idle: 1_800_000_000_000, life: 28_800_000_000_000, cpu: 14_400_000_000_000, processes: 16, connections: 64,
        logBytes: 1_048_576)

    /// A limit by its name, in its unit. Setting one checks no range.
    package subscript(name: WorkspaceLimitName) -> Int64 {
        get {
            switch name {
            case .idle: idle
            case .life: life
            case .cpu: cpu
            case .processes: Int64(processes)
            case .connections: Int64(connections)
            case .log: Int64(logBytes)
            }
        }
        set {
            switch name {
            case .idle: idle = newValue
            case .life: life = newValue
            case .cpu: cpu = newValue
            case .processes: processes = Int(clamping: newValue)
            case .connections: connections = Int(clamping: newValue)
            case .log: logBytes = Int(clamping: newValue)
            }
        }
    }

    /// For those who show it.
    package func write(to output: inout JSONBytes) {
        output.open()
        output.member("connections", connections)
        output.member("cpu_ms", cpu / 1_000_000)
        output.member("idle_ms", idle / 1_000_000)
        output.member("life_ms", life / 1_000_000)
        output.member("log_bytes", logBytes)
        output.member("processes", processes)
        output.close()
    }
}
