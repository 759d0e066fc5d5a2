internal import Images
internal import Policies
package import RunModel
package import SandboxSpec

extension RunPlanner {
    /// What will happen, in full.
    ///
    /// - Parameter terminal: the program gets a terminal of this size instead of pipes.
    package func plan(
        _ request: RunRequest, _ settings: RunSettings, terminal: TerminalSize? = nil, runID: RunID = RunID()
    ) throws(APIError) -> RunPlan {
        let image = settings.image
        let main = try Self.mainFile(request, image)
        let files = try RunFiles.check(request, mainFile: main, disk: settings.limits[.disk])
        let program = try Self.program(request, image, main: main, files: files)
        let environment = try RunEnvironment.make(
            image: image.environment, request: request.environment, isTerminal: terminal != nil)
        var run = Job(
            arguments: image.run.command(for: program) + request.arguments, environment: environment,
            artifacts: Self.artifacts(
                try Self.patterns(request.artifacts ?? image.artifacts), disk: settings.limits[.disk]))
        run = try Self.checked(run)
        // Last of all that can be wrong: who asked badly should hear of that, not of this machine.
        let root = try root(of: image)
        var steps: [RunPlan.Step] = []
        for (name, spec) in try specs(
            settings, root, program: program, arguments: request.arguments, environment: request.environment,
            files: files,
            terminal: terminal)
        {
            guard name == .compile, let compile = image.compile else {
                steps.append(RunPlan.Step(name: name, spec: spec, limits: settings.limits, job: run))
                continue
            }
            let job = Job(
                arguments: compile.run.command(for: program),
                environment: try RunEnvironment.make(image: image.environment, request: [:], isTerminal: false),
                artifacts: Self.artifacts(compile.produces, disk: spec.limits[.disk]))
            steps.append(RunPlan.Step(name: name, spec: spec, limits: spec.limits, job: try Self.checked(job)))
        }
        return RunPlan(runID: runID, files: files, steps: steps)
    }

    private static func artifacts(_ patterns: [String], disk: Int64) -> ArtifactRequest {
        guard !patterns.isEmpty else { return .none }
        var request = ArtifactRequest(patterns: patterns)
        // There cannot be more than what fits onto the disk.
        request.maximumBytes = min(disk, ArtifactRequest.bytesRange.upperBound)
        return request
    }

    private static func patterns(_ patterns: [String]) throws(APIError) -> [String] {
        guard patterns.count <= ArtifactRequest.maximumPatterns else {
            throw APIError(
                .invalidRequest,
                "artifacts: found \(patterns.count) patterns, allowed at most \(ArtifactRequest.maximumPatterns)")
        }
        let patterns = patterns.map(belowBox)
        for pattern in patterns {
            guard pattern.utf8.count <= ArtifactRequest.maximumPatternBytes else {
                throw APIError(
                    .invalidRequest,
                    "artifacts: a pattern is longer than \(ArtifactRequest.maximumPatternBytes) bytes")
            }
            do {
                _ = try BoxPath(pattern)
            } catch {
                throw APIError(
                    .invalidRequest, "artifacts: pattern \"\(shown(error.path))\" \(error.reason)")
            }
        }
        return patterns
    }

    /// A pattern as the collector takes it: relative to /box, also when it is written as the program sees its files.
    private static func belowBox(_ pattern: String) -> String {
        for prefix in ["/box/", "./"] where pattern.hasPrefix(prefix) { return String(pattern.dropFirst(prefix.count)) }
        return pattern
    }

    /// Arguments and environment as the kernel and the warden take them.
    private static func checked(_ job: Job) throws(APIError) -> Job {
        for (what, strings) in [("arguments", job.arguments), ("environment", job.environment)] {
            guard strings.count <= Job.maximumStrings else {
                throw APIError(
                    .invalidRequest, "\(what): found \(strings.count), allowed at most \(Job.maximumStrings)")
            }
            guard strings.allSatisfy({ !$0.utf8.contains(0) }) else {
                throw APIError(.invalidRequest, "\(what): found a NUL byte, which no program can be given")
            }
        }
        let bytes = (job.arguments + job.environment).reduce(0) { $0 + $1.utf8.count + 1 }
        guard bytes <= Job.maximumStringBytes else {
            throw APIError(
                .invalidRequest,
                "arguments and environment: found \(bytes) bytes, allowed at most \(Job.maximumStringBytes) together")
        }
        return job
    }

    static func shown(_ text: String) -> String {
        text.unicodeScalars.prefix(80).map { $0.escaped(asASCII: false) }.joined()
    }
}
