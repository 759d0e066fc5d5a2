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
        let job = Job(arguments: arguments, environment: environment, artifacts: request)
        try WireBounds.job(job)
        return job
    }
}
