internal import SandboxSpec

extension WireBounds {
    fileprivate static func directory(_ path: String) throws(ProtocolError) {
        try text(path, limit: SpawnOptions.maximumDirectoryBytes, "spawn.directory")
        guard path.utf8.first == UInt8(ascii: "/") else {
            throw ProtocolError(
                field: "spawn.directory", found: ProtocolError.shown(path), allowed: "an absolute path")
        }
    }

    /// A process of a sandbox brings no files and leaves none: others do that.
    static func process(_ job: Job) throws(ProtocolError) {
        guard job.files.isEmpty, job.artifacts.patterns.isEmpty else {
            throw ProtocolError(field: "spawn.job", found: "files or artifacts", allowed: "neither")
        }
    }
}

extension MessageWriter {
    mutating func spawnOptions(_ options: SpawnOptions) throws(ProtocolError) {
        try WireBounds.directory(options.directory)
        try string(options.directory, "spawn.directory")
        try bool(options.terminal != nil, "spawn.terminal")
        if let size = options.terminal { try terminalSize(size, "spawn.terminal") }
    }

    mutating func processEnd(_ end: ProcessEnd) throws(ProtocolError) {
        try exitStatus(end.status, "exited.status")
        for (amount, field) in [(end.cpu, "exited.cpu"), (end.memoryPeak, "exited.memory_peak")] {
            try WireBounds.range(amount, WireBounds.amount, field)
            try integer(amount, field)
        }
    }
}

extension MessageReader {
    mutating func spawnOptions() throws(ProtocolError) -> SpawnOptions {
        let directory = try string("spawn.directory", limit: SpawnOptions.maximumDirectoryBytes)
        try WireBounds.directory(directory)
        return SpawnOptions(
            directory: directory,
            terminal: try bool("spawn.terminal") ? try terminalSize("spawn.terminal") : nil)
    }

    mutating func processEnd() throws(ProtocolError) -> ProcessEnd {
        guard let status = try exitStatus("exited.status") else {
            throw ProtocolError(field: "exited.status", found: "none", allowed: "how the process ended")
        }
        return ProcessEnd(
            status: status, cpu: try amount("exited.cpu"),
            memoryPeak: try amount("exited.memory_peak"))
    }
}
