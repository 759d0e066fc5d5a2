package import Images
package import Policies
package import RunModel
package import SandboxPool
internal import SandboxSpec

/// How far the sandbox of a step may be prepared: as far as its image can, its policy lets it, and the request leaves it as
/// it was prepared.
extension RunPlanner {
    /// Variables that interpreters and the C library read when they start: too late for one that has started.
    private static let startPrefixes = [
        "PYTHON", "RUBY", "GEM_", "PERL", "PHP", "LUA", "NODE", "UV_", "JAVA", "_JAVA", "JDK", "CLASSPATH", "R_",
        "AWK", "GAWK", "POSIX", "INT_CHAIN_MAX", "STR_CHAIN_MAX", "GFORTH", "GUILE", "GC_", "OCTAVE", "PLT", "SBCL",
        "SQLITE", "SWI", "TCL", "PATH", "HOME", "XDG_", "TMP", "TEMP", "TERM", "EDITOR", "VISUAL", "PAGER",
        "LANG", "LC_", "LD_", "TZ", "MALLOC_", "GLIBC_", "GCONV_", "LOCPATH", "OPENSSL", "SSL_", "NO_COLOR",
        "FORCE_COLOR", "USE_ZEND_ALLOC",
    ]
    /// Those that libraries read when they are loaded, which is before the fork for some. An image that loads such a
    /// library sees to its own itself.
    private static let libraryPrefixes = ["OMP_", "GOMP_", "OPENBLAS_", "GOTO_", "MKL_", "MPL", "GFORTRAN_"]

    /// Whether an interpreter or the C library reads this variable when it starts.
    private static func isReadAtStart(_ name: String) -> Bool { startPrefixes.contains { name.hasPrefix($0) } }

    /// Whether interpreters may look for such a file while they start, before they look at the script: settings and
    /// libraries of a home (`.local/lib/python3.11/site-packages`), or a directory in the script's place.
    private static func isReadAtStart(_ path: BoxPath, script: String) -> Bool {
        path.description.hasPrefix(".") || path.description.hasPrefix(script + "/")
    }

    static func preparation(
        _ image: Image, _ policy: Policy, program: ProgramFiles, arguments: [String], environment: [String: String],
        files: [InlineFile],
        network: [String], isTerminal: Bool
    ) -> Preparation {
        guard !isTerminal, policy.pool.warm != .none, image.warm.mode != .none else { return .none }
        // What has booted looks for the image's own file.
        let command = image.run.command(for: program)
        guard command == image.run.command(for: image.program) else { return .none }
        // What is ready is live.
        guard program.isLive || image.live == .none else { return .none }
        let script = image.warm.script ?? image.file.description
        guard !files.contains(where: { isReadAtStart($0.path, script: script) }) else { return .none }
        return preparation(
            image.warm, policy, command: command, script: script, arguments: arguments,
            image: network + image.environment,
            live: image.live.environment, own: [], environment: environment)
    }

    /// The same for any command of an interpreter.
    ///
    /// - Parameters:
    ///   - script: the file at whose first look it has booted.
    ///   - image: the image's variables, with `live` of them those of its output, and `own` those of the command.
    ///   - environment: what the request sets.
    static func preparation(
        _ warm: WarmRecipe, _ policy: Policy, command: [String], script: String, arguments: [String], image: [String],
        live: [String], own: [String], environment: [String: String]
    ) -> Preparation {
        guard policy.pool.warm != .none, warm.mode != .none,
            warm.environment == .live || environment.isEmpty,
            !environment.keys.contains(where: { name in
                isReadAtStart(name) || libraryPrefixes.contains { name.hasPrefix($0) }
            })
        else { return .none }
        do {
            let live = live.filter { !LiveOutput.isDoneByZygote($0) }
            let whole = RunEnvironment.make(image: image + live + own, request: [:], isTerminal: false)
            // A zygote would boot without a variable that it must not have.
            let isForkable = whole.allSatisfy { entry in
                ZygoteLanguage.mayBoot(with: entry) || !isReadAtStart(String(entry.prefix { $0 != "=" }))
            }
            if warm.mode == .fork, policy.pool.warm == .fork, isForkable, let language = warm.language {
                guard arguments.isEmpty || language.takesArguments else { return .none }
                return .fork(
                    language,
                    try Interpreter(
                        command: command, environment: whole.filter(ZygoteLanguage.mayBoot(with:)), script: script,
                        modules: warm.preload))
            }
            guard arguments.isEmpty else { return .none }
            return .boot(try Interpreter(command: command, environment: whole, script: script))
        } catch {
            // A command too long to be booted ahead can still be run.
            return .none
        }
    }

    static func preparation(
        of step: CompileStep, _ image: Image, _ policy: Policy, program: ProgramFiles
    ) -> Preparation {
        let command = step.run.command(for: program)
        guard let script = step.warmScript, policy.pool.warm != .none, command == step.run.command(for: image.program)
        else { return .none }
        do {
            let environment = RunEnvironment.make(image: image.environment, request: [:], isTerminal: false)
            return .boot(try Interpreter(command: command, environment: environment, script: script))
        } catch {
            return .none
        }
    }

    /// What a sandbox is made with when its run asks for other times than its policy: those are set when the run starts, so
    /// that the same parked sandboxes serve both.
    static func madeWith(_ limits: Limits, _ policy: Policy) -> Limits {
        do {
            return try TimeLimits(policy.limits).applied(to: limits)
                .setting(.output, to: policy.limits[.output])
        } catch {
            return limits
        }
    }

    /// The pools that a request without any wishes would be served from.
    package func pools(for image: Image, under policy: Policy) throws(APIError) -> [PoolDescription] {
        let root = try root(of: image)
        let settings = RunSettings(image: image, policy: policy, limits: policy.limits)
        let rules = try rules(
            settings, program: image.program, arguments: [], environment: [:], files: [], terminal: nil)
        func pool(
            _ step: PoolStep, _ spec: SandboxSpec, _ minimum: Int, _ maximum: Int, opening: SandboxOpening? = nil
        ) -> PoolDescription {
            let weight: Int64
            switch spec.preparation {
            // A command that is executed only then; or an interpreter that has been, with its driver.
            case .none: weight = opening == nil ? 1 << 20 : 16 << 20
            case .fork: weight = opening == nil ? 2 << 20 : 3 << 20
            case .boot: weight = 64 << 20
            }
            return PoolDescription(
                policy: policy.name, image: image.name, step: step, spec: spec,
                size: .init(minimum: minimum, maximum: maximum, weight: weight), opening: opening)
        }
        let pools = rules.map { name, rules in
            pool(PoolStep(name), rules.spec(root: root), policy.pool.minimum, policy.pool.maximum)
        }
        guard let session = sessionPool(of: settings, root: root) else { return pools }
        return pools + [pool(.session, session.spec, session.minimum, session.maximum, opening: session.opening)]
    }

    /// The rules for the sandbox of each step.
    func rules(
        _ settings: RunSettings, program: ProgramFiles, arguments: [String], environment: [String: String],
        files: [InlineFile], terminal: TerminalSize?
    ) throws(APIError) -> [(name: StepName, rules: SandboxRules)] {
        let image = settings.image
        var steps: [(StepName, SandboxRules)] = []
        if let compile = image.compile {
            let limits: Limits
            do {
                limits = try settings.compileLimits(compile)
            } catch {
                throw APIError(.invalidImage, "image \(image.name), compile step: \(error)")
            }
            // A compiler that has a terminal shows its messages in colours; those that are booted ahead have none to show.
            let terminal = compile.warmScript == nil ? terminal : nil
            var rules = SandboxRules(settings.policy, limits: limits, terminal: terminal)
            if terminal == nil {
                rules.preparation = Self.preparation(of: compile, image, settings.policy, program: program)
            }
            steps.append((.compile, rules))
        }
        var rules = SandboxRules(
            settings.policy, limits: Self.madeWith(settings.limits, settings.policy), network: settings.network,
            terminal: terminal)
        rules.preparation = Self.preparation(
            image, settings.policy, program: program, arguments: arguments, environment: environment, files: files,
            network: settings.networkVariables, isTerminal: terminal != nil)
        steps.append((.run, rules))
        return steps
    }
}
