internal import Images
internal import Policies
package import RunModel
package import SandboxSpec

extension RunPlanner {
    /// A request that has been checked: under which rules it runs, and what will happen.
    package struct Checked: Sendable {
        package let settings: RunSettings
        package let plan: RunPlan
    }

    /// Checks a submission as a whole.
    ///
    /// - Throws: all that is wrong with it, each by the path of its field.
    package func plan(_ submission: Submission, runID: RunID = RunID()) throws(APIError) -> Checked {
        var mistakes = submission.mistakes
        let found = find(
            language: submission.language, policy: submission.policy, limits: submission.limits,
            network: submission.network, &mistakes)
        let (request, fields) = submission.request(mainFile: found.image?.file.description)
        return try plan(
            request, found, fields, terminal: submission.terminal, runID: runID, mistakes: mistakes)
    }

    /// Checks a request as a whole.
    ///
    /// - Parameters:
    ///   - network: the wanted network; the policy's own when absent.
    ///   - terminal: the program gets a terminal of this size instead of pipes.
    /// - Throws: all that is wrong with it, each by the path of its field.
    package func check(
        _ request: RunRequest, network: NetworkAccess? = nil, terminal: TerminalSize? = nil, runID: RunID = RunID()
    ) throws(APIError) -> Checked {
        var mistakes = RequestMistakes()
        let found = find(
            language: request.language, policy: request.policy, limits: request.limits, network: network, &mistakes)
        return try plan(
            request, found, RequestFields(files: Array(request.files.indices)), terminal: terminal, runID: runID,
            mistakes: mistakes)
    }

    /// What will happen, in full.
    ///
    /// - Parameter terminal: the program gets a terminal of this size instead of pipes.
    package func plan(
        _ request: RunRequest, _ settings: RunSettings, terminal: TerminalSize? = nil, runID: RunID = RunID()
    ) throws(APIError) -> RunPlan {
        try plan(
            request, (settings.image, settings), RequestFields(files: Array(request.files.indices)),
            terminal: terminal, runID: runID, mistakes: RequestMistakes()
        ).plan
    }

    /// - Parameters:
    ///   - found: nil is what could not be found; what can be checked without it is.
    ///   - mistakes: what is wrong already.
    private func plan(
        _ request: RunRequest, _ found: (image: Image?, settings: RunSettings?), _ fields: RequestFields,
        terminal: TerminalSize?, runID: RunID, mistakes: RequestMistakes
    ) throws(APIError) -> Checked {
        var mistakes = mistakes
        let (image, settings) = found
        let main = image.flatMap { Self.mainFile(request, $0, &mistakes) }
        let files = RunFiles.check(
            request, fields, mainFile: main, disk: settings?.limits[.disk], &mistakes)
        if let image, let main { Self.checkMain(request, image, main: main, files: files, fields, &mistakes) }
        if let image { Self.checkOptions(request.compilerOptions, image, &mistakes) }
        Self.checkStrings(request, &mistakes)
        Self.checkPatterns(request.artifacts ?? [], &mistakes)
        try mistakes.throwIfAny()
        guard let settings, let main else { throw APIError(.internalError, "a request without a mistake has no plan") }
        return Checked(
            settings: settings,
            plan: try plan(request, settings, main: main, files: files, terminal: terminal, runID: runID))
    }

    /// The plan of a request that is right.
    private func plan(
        _ request: RunRequest, _ settings: RunSettings, main: BoxPath, files: [RunPlan.File], terminal: TerminalSize?,
        runID: RunID
    ) throws(APIError) -> RunPlan {
        let image = settings.image
        let program = Self.program(request, image, main: main, files: files)
        let live = program.isLive ? image.live.environment : image.live.fullEnvironment
        let environment = RunEnvironment.make(
            image: image.environment + live, request: request.environment, isTerminal: terminal != nil)
        let run = try Self.checked(
            Job(
                arguments: image.run.command(for: program) + request.arguments, environment: environment,
                artifacts: Self.artifacts(
                    (request.artifacts ?? image.artifacts).map(Self.belowBox), disk: settings.limits[.disk])))
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
                environment: RunEnvironment.make(
                    // Links in messages are for terminals that few have.
                    image: image.environment + (spec.terminal == nil ? [] : ["TERM_URLS=no"]), request: [:],
                    isTerminal: spec.terminal != nil),
                artifacts: Self.artifacts(compile.produces, disk: spec.limits[.disk]))
            steps.append(RunPlan.Step(name: name, spec: spec, limits: spec.limits, job: try Self.checked(job)))
        }
        var plan = RunPlan(runID: runID, files: files, steps: steps)
        plan.aids.hints = image.hints
        if let syntax = image.syntax {
            plan.aids.syntax = try Self.look(syntax, image, settings, root, program: program)
            plan.aids.signs = syntax.signs
        }
        if request.check == .syntax { try Self.lookOnly(&plan, image) }
        return plan
    }

    /// The step that looks at a program of an interpreted language. It has the limits of the run: a parser is as little trusted.
    private static func look(
        _ syntax: SyntaxCheck, _ image: Image, _ settings: RunSettings, _ root: RootSource, program: ProgramFiles
    ) throws(APIError) -> RunPlan.Step {
        let job = Job(
            arguments: syntax.run.command(for: program),
            environment: RunEnvironment.make(image: image.environment, request: [:], isTerminal: false),
            artifacts: .none)
        return RunPlan.Step(
            name: .compile, spec: settings.policy.spec(root: root, limits: settings.limits), job: try checked(job))
    }

    /// Leaves the step that says whether the program compiles or parses.
    private static func lookOnly(_ plan: inout RunPlan, _ image: Image) throws(APIError) {
        if image.compile != nil {
            plan.steps.removeAll { $0.name == .run }
            plan.steps[0].job.artifacts = .none
        } else if let step = plan.aids.syntax {
            plan.steps = [step]
            plan.aids.syntax = nil
            plan.aids.isLookOnly = true
        } else {
            throw APIError(
                .invalidRequest,
                "check: found \"syntax\", allowed nothing: \(image.name) has no way to look at a program without running it",
                details: ["check": "syntax"])
        }
    }

    private static func artifacts(_ patterns: [String], disk: Int64) -> ArtifactRequest {
        guard !patterns.isEmpty else { return .none }
        var request = ArtifactRequest(patterns: patterns)
        // There cannot be more than what fits onto the disk.
        request.maximumBytes = min(disk, ArtifactRequest.bytesRange.upperBound)
        return request
    }

    private static func checkPatterns(_ patterns: [String], _ mistakes: inout RequestMistakes) {
        guard patterns.count <= ArtifactRequest.maximumPatterns else {
            mistakes.note(
                "artifacts", "found \(patterns.count) patterns, allowed at most \(ArtifactRequest.maximumPatterns)")
            return
        }
        for (index, pattern) in patterns.map(belowBox).enumerated() {
            let path = "artifacts[\(index)]"
            guard pattern.utf8.count <= ArtifactRequest.maximumPatternBytes else {
                mistakes.note(path, "is longer than \(ArtifactRequest.maximumPatternBytes) bytes")
                continue
            }
            do { _ = try BoxPath(pattern) } catch {
                mistakes.note(path, "is \"\(shown(error.path))\", which \(error.reason)")
            }
        }
    }

    /// A pattern as the collector takes it: relative to /box, also when it is written as the program sees its files.
    private static func belowBox(_ pattern: String) -> String {
        for prefix in ["/box/", "./"] where pattern.hasPrefix(prefix) { return String(pattern.dropFirst(prefix.count)) }
        return pattern
    }

    /// Arguments and environment of the client as the kernel and the warden take them.
    private static func checkStrings(_ request: RunRequest, _ mistakes: inout RequestMistakes) {
        let nul = "found a NUL byte, which no program can be given"
        for (name, count) in [("args", request.arguments.count), ("env", request.environment.count)]
        where count > Job.maximumStrings {
            mistakes.note(name, "found \(count), allowed at most \(Job.maximumStrings)")
        }
        for (index, argument) in request.arguments.enumerated() where argument.utf8.contains(0) {
            mistakes.note("args[\(index)]", nul)
        }
        for (name, value) in request.environment.sorted(by: { $0.key < $1.key }) {
            let path = "env.\(shown(name))"
            if !RunEnvironment.isName(name) {
                mistakes.note(
                    path,
                    "is no name of a variable, allowed are 1 to \(RunRequest.maximumEnvironmentNameBytes) of "
                        + "A-Z a-z 0-9 _, not a digit first")
            } else if value.utf8.contains(0) {
                mistakes.note(path, nul)
            }
        }
        let environment = request.environment.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 2 }
        let bytes = request.arguments.reduce(environment) { $0 + $1.utf8.count + 1 }
        if bytes > Job.maximumStringBytes {
            mistakes.note(
                request.arguments.isEmpty ? "env" : "args",
                "found \(bytes) bytes of arguments and environment, allowed at most \(Job.maximumStringBytes) together")
        }
    }

    /// With what the image adds, whose names and paths may be long.
    private static func checked(_ job: Job) throws(APIError) -> Job {
        let strings = job.arguments + job.environment
        let bytes = strings.reduce(0) { $0 + $1.utf8.count + 1 }
        guard job.arguments.count <= Job.maximumStrings, job.environment.count <= Job.maximumStrings,
            bytes <= Job.maximumStringBytes, strings.allSatisfy({ !$0.utf8.contains(0) })
        else {
            throw APIError(
                .invalidRequest,
                "args: found \(job.arguments.count) arguments and \(job.environment.count) variables of \(bytes) bytes with "
                    + "those of the language, allowed at most \(Job.maximumStrings) each, and "
                    + "\(Job.maximumStringBytes) bytes together",
                details: ["args": "too many with those of the language"])
        }
        return job
    }

    static func shown(_ text: String) -> String {
        text.unicodeScalars.prefix(80).map { $0.escaped(asASCII: false) }.joined()
    }
}
