/// The source of a sandbox's read-only root.
package enum RootSource: Sendable, Hashable {
    /// The warden's own curated view of the host (`host_paths` in warden.conf).
    case host
    /// An absolute path to a root tree, which must be below one of the warden's image roots.
    case tree(String)
}

/// What a sandbox may reach over sockets. `loopback` is a network of its own, shared with no other sandbox; `egress` is the same
/// with a listener in it, which the client gets: what it passes on to the outside, and what not, is up to the client.
package enum NetworkAccess: UInt8, Sendable, CaseIterable, Comparable {
    case none = 0
    case loopback = 1
    case egress = 2

    /// The name that policies and requests use.
    package init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    package var name: String {
        switch self {
        case .none: "none"
        case .loopback: "loopback"
        case .egress: "egress"
        }
    }

    /// Whether the sandbox may have sockets of the internet's families.
    package var hasSockets: Bool { self != .none }

    /// Where the listener of `egress` is, on the sandbox's own 127.0.0.1.
    package static let egressPort: UInt16 = 3128

    /// Whether a sandbox can reach less.
    package static func < (a: NetworkAccess, b: NetworkAccess) -> Bool { a.rawValue < b.rawValue }
}

/// The size of a terminal in character cells.
package struct TerminalSize: Sendable, Hashable {
    package var rows: UInt16
    package var columns: UInt16

    package init(rows: UInt16, columns: UInt16) {
        self.rows = rows
        self.columns = columns
    }
}

/// Everything the warden needs to make one sandbox: image and policy, checked and compiled.
package struct SandboxSpec: Sendable, Hashable {
    package var root: RootSource
    package var limits: Limits
    /// Percent of a limit at which a `warning` is sent, 1 to 100.
    package var warnAt: UInt8
    package var network: NetworkAccess
    /// Names of the allowed system calls, sorted and unique, as Linux spells them.
    package var syscalls: [String]
    /// A terminal for the program instead of three pipes.
    package var terminal: TerminalSize?
    package var preparation: Preparation
    /// Two pipes more, by which the program is driven from outside: it reads commands from descriptor 100 and writes records to
    /// 101. Needs a limit of open files of at least `channelOpenFiles`.
    package var hasChannel: Bool
    /// Calls that the filter refuses, and those about files and destinations, are answered by the client, who is to answer as the filter
    /// would: for finding out what a program wants. Only of wardens that were started for it; not with a channel or a preparation.
    package var isObserved: Bool
    /// Its own program is never executed: processes are started in it one by one, at most `maximumProcesses` at the same time, and it
    /// lives until it is ended. Without a terminal of its own, a preparation, a channel and an observer.
    package var hasProcesses: Bool

    package init(
        root: RootSource, limits: Limits, warnAt: UInt8, network: NetworkAccess, syscalls: [String],
        terminal: TerminalSize? = nil, preparation: Preparation = .none, hasChannel: Bool = false,
        isObserved: Bool = false, hasProcesses: Bool = false
    ) {
        self.root = root
        self.limits = limits
        self.warnAt = warnAt
        self.network = network
        self.syscalls = syscalls
        self.terminal = terminal
        self.preparation = preparation
        self.hasChannel = hasChannel
        self.isObserved = isObserved
        self.hasProcesses = hasProcesses
    }

    /// Of a sandbox with processes: those that were started in it and live. What they start themselves counts for the limit `processes`.
    package static let maximumProcesses = 16

    /// The least that the limit of open files may be with a channel, whose descriptors have numbers of their own.
    package static let channelOpenFiles: Int64 = 128
}

/// What to execute in a sandbox once it is parked.
package struct Job: Sendable, Equatable {
    package var arguments: [String]
    /// `KEY=VALUE` strings; the whole environment.
    package var environment: [String]
    package var artifacts: ArtifactRequest
    /// Files to write below /box first; small ones that need no message of their own.
    package var files: [InlineFile]

    package init(
        arguments: [String], environment: [String], artifacts: ArtifactRequest = .none, files: [InlineFile] = []
    ) {
        self.arguments = arguments
        self.environment = environment
        self.artifacts = artifacts
        self.files = files
    }

    /// The most arguments, or environment strings, a job may have.
    package static let maximumStrings = 512
    /// The most bytes all arguments and environment strings may have together, NULs included.
    package static let maximumStringBytes = 49_152
    /// The most files that may be part of a job.
    package static let maximumFiles = 32

    /// How many bytes the strings take, NULs included.
    package var stringBytes: Int {
        (arguments + environment + artifacts.patterns).reduce(0) { $0 + $1.utf8.count + 1 }
    }

    /// Whether files of this size fit into the job's message together with all the rest of it.
    package func hasRoom(for files: [InlineFile]) -> Bool {
        let bytes = files.reduce(0) { $0 + $1.content.count + $1.path.description.utf8.count + 16 }
        // The rest of a message is for counts, and for the prefix of each string.
        let overhead = 4 * (arguments.count + environment.count + artifacts.patterns.count)
        return files.count <= Self.maximumFiles && bytes + stringBytes + overhead <= Self.maximumStringBytes
    }
}

/// A file of a job that travels with it.
package struct InlineFile: Sendable, Equatable {
    package var path: BoxPath
    package var content: [UInt8]
    package var executable: Bool

    package init(path: BoxPath, content: [UInt8], executable: Bool) {
        self.path = path
        self.content = content
        self.executable = executable
    }
}

/// The limits that the warden enforces by sampling, and that can so be set when a job starts, long after its sandbox was made.
package struct TimeLimits: Sendable, Equatable {
    /// Nanoseconds.
    package var cpu: Int64
    package var wall: Int64
    package var idle: Int64

    package init(_ limits: Limits) {
        cpu = limits[.cpu]
        wall = limits[.wall]
        idle = limits[.idle]
    }

    /// The same limits with these times.
    package func applied(to limits: Limits) throws(InvalidLimit) -> Limits {
        try limits.setting(.cpu, to: cpu).setting(.wall, to: wall).setting(.idle, to: idle)
    }
}

/// The files to export when the run is over, and bounds on them.
package struct ArtifactRequest: Sendable, Equatable {
    /// Globs relative to /box: `*`, `?`, `[a-z]`, and `**` for any number of directories.
    package var patterns: [String]
    package var maximumCount: Int64
    package var maximumBytes: Int64
    package var maximumDepth: Int64

    package init(
        patterns: [String], maximumCount: Int64 = 64, maximumBytes: Int64 = 67_108_864, maximumDepth: Int64 = 8
    ) {
        self.patterns = patterns
        self.maximumCount = maximumCount
        self.maximumBytes = maximumBytes
        self.maximumDepth = maximumDepth
    }

    package static let none = ArtifactRequest(patterns: [])
    package static let maximumPatterns = 32
    package static let maximumPatternBytes = 255
    /// Bounds on what a request may ask for.
    package static let countRange: ClosedRange<Int64> = 0...1024
    package static let bytesRange: ClosedRange<Int64> = 0...1_073_741_824
    package static let depthRange: ClosedRange<Int64> = 1...16
}

/// A step of the startup sequence that failed: where, at which item, with which errno.
package struct StageFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// A stage's name, such as `mount_proc` or `cgroup_limit`.
    package var stage: String
    /// Which item of a stage that has several (the third rlimit, the second upload); 0 otherwise.
    package var index: Int64
    package var errno: Int32
    /// What it was done to: a path, a limit, a file name.
    package var object: String

    package init(stage: String, index: Int64 = 0, errno: Int32, object: String = "") {
        self.stage = stage
        self.index = index
        self.errno = errno
        self.object = object
    }

    package var description: String {
        "stage \(stage)[\(index)] failed" + (object.isEmpty ? "" : " for \(object)") + ": errno \(errno)"
    }
}
