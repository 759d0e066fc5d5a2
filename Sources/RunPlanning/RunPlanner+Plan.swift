internal import Images
internal import Policies
package import RunModel
package import SandboxSpec

/// Two phases: a request and the rules for it become a portable run, with no look at this machine; then the root of the image
/// is bound here.
extension RunPlanner {
    /// A request that has been checked: under which rules it runs, and what will happen.
    package struct Checked: Sendable {
        package let settings: RunSettings
        package let run: PortableRun
    }

    /// Checks a submission as a whole.
    ///
    /// - Throws: all that is wrong with it, each by the path of its field.
    package func check(_ submission: Submission, runID: RunID = RunID()) throws(APIError) -> Checked {
        try check(
            submission.request, places: submission.places, terminal: submission.terminal, runID: runID,
            errors: submission.errors)
    }

    /// Checks a request as a whole.
    ///
    /// - Parameter terminal: the program gets a terminal of this size instead of pipes.
    /// - Throws: all that is wrong with it, each by the path of its field.
    package func check(
        _ request: RunRequest, terminal: TerminalSize? = nil, runID: RunID = RunID()
    ) throws(APIError) -> Checked {
        try check(request, places: [], terminal: terminal, runID: runID, errors: RequestErrors())
    }

    /// Looks for the plan of a request of the same kind first.
    private func check(
        _ request: RunRequest, places: [Int], terminal: TerminalSize?, runID: RunID, errors: RequestErrors
    ) throws(APIError) -> Checked {
        let key = cache == nil || !errors.isEmpty ? nil : PlanKey(request, terminal: terminal)
        if let key, let known = cache?.find(key)?.checked(request, runID: runID) { return known }
        var errors = errors
        let found = find(request, &errors)
        let checked = try check(request, found, places: places, terminal: terminal, runID: runID, errors: errors)
        if let key {
            let files = RequestFiles(of: request, mainFile: checked.settings.image.file.description)
            cache?.keep(key, PlanTemplate(checked, sources: files.sources))
        }
        return checked
    }

    /// Both phases for a request whose rules are known.
    ///
    /// - Parameter terminal: the program gets a terminal of this size instead of pipes.
    package func plan(
        _ request: RunRequest, _ settings: RunSettings, terminal: TerminalSize? = nil, runID: RunID = RunID()
    ) throws(APIError) -> RunPlan {
        let checked = try check(
            request, (settings.image, settings), terminal: terminal, runID: runID, errors: RequestErrors())
        return try bind(checked.run)
    }

    /// The second phase: finds the root of the image on this machine, which looks at the disk.
    ///
    /// - Throws: why sandboxes of this image cannot be made here.
    package func bind(_ run: PortableRun) throws(APIError) -> RunPlan {
        run.bound(to: try root(of: try image(named: run.image)))
    }

    /// - Parameters:
    ///   - found: nil is what could not be found; what can be checked without it is.
    ///   - places: where each file of the request stands in the client's list.
    ///   - errors: what is wrong already.
    private func check(
        _ request: RunRequest, _ found: (image: Image?, settings: RunSettings?), places: [Int] = [],
        terminal: TerminalSize?, runID: RunID, errors: RequestErrors
    ) throws(APIError) -> Checked {
        var errors = errors
        let (image, settings) = found
        let main = image.flatMap { Self.mainFile(request, $0, &errors) }
        let named = RequestFiles(of: request, mainFile: image?.file.description, places: places)
        let files = RunFiles.check(named, mainFile: main, disk: settings?.limits[.disk], &errors)
        if let image, let main {
            Self.checkMain(request, image, main: main, files: files, hasMain: named.main != nil, &errors)
        }
        if let image { Self.checkOptions(request.compilerOptions, image, &errors) }
        Self.checkStrings(arguments: request.arguments, environment: request.environment, &errors)
        Self.checkPatterns(request.artifacts ?? [], &errors)
        try errors.throwIfAny()
        guard let settings, let main else { throw APIError(.internalError, "a request without an error has no plan") }
        return Checked(
            settings: settings,
            run: try portable(request, settings, main: main, files: files, terminal: terminal, runID: runID))
    }

    /// The run of a request that is right.
    private func portable(
        _ request: RunRequest, _ settings: RunSettings, main: BoxPath, files: [InlineFile], terminal: TerminalSize?,
        runID: RunID
    ) throws(APIError) -> PortableRun {
        let image = settings.image
        let program = Self.program(request, image, main: main, files: files)
        let live = program.isLive ? image.live.environment : image.live.fullEnvironment
        let environment = RunEnvironment.make(
            image: settings.networkVariables + image.environment + live, request: request.environment,
            isTerminal: terminal != nil)
        let job = try Self.checked(
            Job(
                arguments: image.run.command(for: program) + request.arguments, environment: environment,
                artifacts: Self.artifacts(
                    (request.artifacts ?? image.artifacts).map(Self.belowBox), disk: settings.limits[.disk])))
        var steps: [PortableRun.Step] = []
        for (name, rules) in try rules(
            settings, program: program, arguments: request.arguments, environment: request.environment, files: files,
            terminal: terminal)
        {
            guard name == .compile, let compile = image.compile else {
                steps.append(
                    PortableRun.Step(
                        name: name, rules: rules, limits: settings.limits, job: job, egress: settings.egress))
                continue
            }
            let compiling = Job(
                arguments: compile.run.command(for: program),
                environment: RunEnvironment.make(
                    // Links in messages are for terminals that few have.
                    image: image.environment + (rules.terminal == nil ? [] : ["TERM_URLS=no"]), request: [:],
                    isTerminal: rules.terminal != nil),
                artifacts: Self.artifacts(compile.produces, disk: rules.limits[.disk]))
            steps.append(PortableRun.Step(name: name, rules: rules, job: try Self.checked(compiling)))
        }
        var run = PortableRun(runID: runID, image: image.name, files: files, steps: steps)
        run.aids.hints = image.hints
        if let syntax = image.syntax {
            run.syntax = try Self.look(syntax, image, settings, program: program)
            run.aids.signs = syntax.signs
        }
        if request.check == .syntax { try Self.lookOnly(&run, image) }
        return run
    }

    /// The step that looks at a program of an interpreted language. It has the limits of the run: a parser is as little trusted.
    private static func look(
        _ syntax: SyntaxCheck, _ image: Image, _ settings: RunSettings, program: ProgramFiles
    ) throws(APIError) -> PortableRun.Step {
        let job = Job(
            arguments: syntax.run.command(for: program),
            environment: RunEnvironment.make(image: image.environment, request: [:], isTerminal: false),
            artifacts: .none)
        return PortableRun.Step(
            name: .compile, rules: SandboxRules(settings.policy, limits: settings.limits), job: try checked(job))
    }

    /// Leaves the step that says whether the program compiles or parses.
    private static func lookOnly(_ run: inout PortableRun, _ image: Image) throws(APIError) {
        if image.compile != nil {
            run.steps.removeAll { $0.name == .run }
            run.steps[0].job.artifacts = .none
        } else if let step = run.syntax {
            run.steps = [step]
            run.syntax = nil
            run.aids.isLookOnly = true
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

    private static func checkPatterns(_ patterns: [String], _ errors: inout RequestErrors) {
        guard patterns.count <= ArtifactRequest.maximumPatterns else {
            errors.note(
                "artifacts", "found \(patterns.count) patterns, allowed at most \(ArtifactRequest.maximumPatterns)")
            return
        }
        for (index, pattern) in patterns.map(belowBox).enumerated() {
            let path = "artifacts[\(index)]"
            guard pattern.utf8.count <= ArtifactRequest.maximumPatternBytes else {
                errors.note(path, "is longer than \(ArtifactRequest.maximumPatternBytes) bytes")
                continue
            }
            do { _ = try BoxPath(pattern) } catch {
                errors.note(path, "is \"\(shown(error.path))\", which \(error.reason)")
            }
        }
    }

    /// A pattern as the collector takes it: relative to /box, also when it is written as the program sees its files.
    private static func belowBox(_ pattern: String) -> String {
        for prefix in ["/box/", "./"] where pattern.hasPrefix(prefix) { return String(pattern.dropFirst(prefix.count)) }
        return pattern
    }

    /// Arguments and environment of the client as the kernel and the warden take them.
    static func checkStrings(
        arguments: [String], environment: [String: String], _ errors: inout RequestErrors
    ) {
        let nul = "found a NUL byte, which no program can be given"
        for (name, count) in [("args", arguments.count), ("env", environment.count)]
        where count > Job.maximumStrings {
            errors.note(name, "found \(count), allowed at most \(Job.maximumStrings)")
        }
        for (index, argument) in arguments.enumerated() where argument.utf8.contains(0) {
            errors.note("args[\(index)]", nul)
        }
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            let path = "env.\(shown(name))"
            if !RunEnvironment.isName(name) {
                errors.note(
                    path,
                    "is no name of a variable, allowed are 1 to \(RunRequest.maximumEnvironmentNameBytes) of "
                        + "A-Z a-z 0-9 _, not a digit first")
            } else if value.utf8.contains(0) {
                errors.note(path, nul)
            }
        }
        let variables = environment.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 2 }
        let bytes = arguments.reduce(variables) { $0 + $1.utf8.count + 1 }
        if bytes > Job.maximumStringBytes {
            errors.note(
                arguments.isEmpty ? "env" : "args",
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
