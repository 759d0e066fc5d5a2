internal import SandboxSpec

extension MessageWriter {
    mutating func path(_ path: BoxPath, _ field: String) throws(ProtocolError) {
        try string(path.description, field)
    }

    mutating func job(_ job: Job) throws(ProtocolError) {
        try WireBounds.job(job)
        try strings(job.arguments, "start.arguments")
        try strings(job.environment, "start.environment")
        try strings(job.artifacts.patterns, "start.artifacts.patterns")
        try integer(job.artifacts.maximumCount, "start.artifacts.count")
        try integer(job.artifacts.maximumBytes, "start.artifacts.bytes")
        try integer(job.artifacts.maximumDepth, "start.artifacts.depth")
        try integer(UInt16(clamping: job.files.count), "start.files")
        for file in job.files {
            try path(file.path, "start.files.path")
            try bool(file.executable, "start.files.executable")
            try data(file.content, "start.files.content")
        }
    }

    mutating func times(_ times: TimeLimits?) throws(ProtocolError) {
        try bool(times != nil, "start.times")
        guard let times else { return }
        try WireBounds.times(times)
        for value in [times.cpu, times.wall, times.idle] { try integer(value, "start.times") }
    }
}

extension MessageReader {
    mutating func path(_ field: String) throws(ProtocolError) -> BoxPath {
        let text = try string(field, limit: BoxPath.maximumBytes)
        do {
            return try BoxPath(text)
        } catch {
            throw ProtocolError(
                field: field, found: ProtocolError.shown(text),
                allowed: "a relative path below /box; this one \(error.reason)")
        }
    }

    mutating func job() throws(ProtocolError) -> Job {
        let arguments = try strings("start.arguments", count: Job.maximumStrings, bytes: Job.maximumStringBytes)
        let environment = try strings("start.environment", count: Job.maximumStrings, bytes: Job.maximumStringBytes)
        let patterns = try strings(
            "start.artifacts.patterns", count: ArtifactRequest.maximumPatterns,
            bytes: ArtifactRequest.maximumPatternBytes)
        let request = ArtifactRequest(
            patterns: patterns,
            maximumCount: try integer(Int64.self, "start.artifacts.count"),
            maximumBytes: try integer(Int64.self, "start.artifacts.bytes"),
            maximumDepth: try integer(Int64.self, "start.artifacts.depth"))
        let job = Job(arguments: arguments, environment: environment, artifacts: request, files: try files())
        try WireBounds.job(job)
        return job
    }

    private mutating func files() throws(ProtocolError) -> [InlineFile] {
        let count = Int(try integer(UInt16.self, "start.files"))
        try WireBounds.count(count, atMost: Job.maximumFiles, "start.files")
        var files: [InlineFile] = []
        for _ in 0..<count {
            let path = try path("start.files.path")
            let executable = try bool("start.files.executable")
            files.append(
                InlineFile(path: path, content: try data("start.files.content"), executable: executable))
        }
        return files
    }

    mutating func times() throws(ProtocolError) -> TimeLimits? {
        guard try bool("start.times") else { return nil }
        var times = TimeLimits(Limits.maximum)
        times.cpu = try integer(Int64.self, "start.times")
        times.wall = try integer(Int64.self, "start.times")
        times.idle = try integer(Int64.self, "start.times")
        try WireBounds.times(times)
        return times
    }
}
