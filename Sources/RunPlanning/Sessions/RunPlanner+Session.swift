internal import Images
internal import Policies
package import RunModel
internal import SandboxPool
internal import SandboxSpec

/// From a request for a session to its sandbox.
extension RunPlanner {
    /// How much longer its sandbox may live than a session: whoever looks after it comes first.
    private static let graceTime: Int64 = 60_000_000_000

    /// Checks a request for a session as a whole, and finds the root of its image on this machine.
    ///
    /// - Throws: all that is wrong with it, each by the path of its field; or why sandboxes of its image cannot be made here.
    package func session(_ request: SessionRequest) throws(APIError) -> SessionPlan {
        var errors = RequestErrors()
        Self.checkNames(name: request.name, tags: request.tags, &errors)
        Self.checkStrings(arguments: [], environment: request.environment, &errors)
        let found = find(
            language: request.language, policy: request.policy,
            limits: Self.withoutTimes(request.limits, &errors), network: request.network, &errors)
        let recipe = found.image.flatMap { self.recipe(of: $0, &errors) }
        if let settings = found.settings { Self.checkDescriptors(settings.limits, &errors) }
        let limits = policy(of: request, found.settings).map { SessionLimitText.limits(of: request, $0, &errors) }
        let job =
            found.image.flatMap { image in
                recipe.map {
                    Self.job(image, $0, request.environment, found.settings?.networkVariables ?? [], &errors)
                }
            } ?? nil
        try errors.throwIfAny()
        guard let settings = found.settings, let recipe, let limits, let job else {
            throw APIError(.internalError, "a session without an error has no plan")
        }
        let root = try root(of: settings.image)
        do throws(InvalidLimit) {
            let spec = try Self.sessionSpec(
                settings, recipe, environment: request.environment, root: root)
            let times = try TimeLimits(Self.withTimes(limits, spec.limits))
            return SessionPlan(
                spec: spec, job: job, times: times == TimeLimits(spec.limits) ? nil : times,
                opening: request.environment.isEmpty && times.cpu == spec.limits[.cpu]
                    ? try Self.opening(job, spec) : nil, limits: limits, image: settings.image.name,
                language: settings.image.language, policy: settings.policy.name, egress: settings.egress)
        } catch {
            // A session lives shorter than any sandbox may.
            throw APIError(.internalError, "a session that was checked has limits out of range: \(error)")
        }
    }

    /// The pool that sessions without any wishes would be served from; nil for a language without them.
    func sessionPool(
        of settings: RunSettings, root: RootSource
    ) -> (spec: SandboxSpec, opening: SandboxOpening, minimum: Int, maximum: Int)? {
        let session = settings.policy.session
        var errors = RequestErrors()
        guard let recipe = settings.image.session,
            settings.limits[.openFiles] >= SandboxSpec.channelOpenFiles,
            let spec = try? Self.sessionSpec(settings, recipe, environment: [:], root: root),
            let job = Self.job(settings.image, recipe, [:], settings.networkVariables, &errors),
            let opening = try? Self.opening(job, spec)
        else { return nil }
        return (spec, opening, session.poolMinimum, session.poolMaximum)
    }

    /// The driver, started in a sandbox of this spec while that is parked. How long a session lives and how much processor time it uses
    /// is held by whoever looks after it; these times stand behind that, and count from the start of the driver.
    private static func opening(_ job: Job, _ spec: SandboxSpec) throws(InvalidLimit) -> SandboxOpening {
        func longer(_ name: LimitName) -> Int64 {
            min(spec.limits[name] + SandboxOpening.parkedTime, name.range.upperBound)
        }
        let limits = try spec.limits.setting(.wall, to: longer(.wall)).setting(.idle, to: longer(.idle))
        return SandboxOpening(job: job, times: TimeLimits(limits))
    }

    /// The sandbox of a session, with the times of the policy: those of a request are set when it starts, so that the same
    /// parked sandboxes serve both.
    private static func sessionSpec(
        _ settings: RunSettings, _ recipe: SessionRecipe, environment: [String: String],
        root: RootSource
    ) throws(InvalidLimit) -> SandboxSpec {
        let (image, policy) = (settings.image, settings.policy)
        var rules = SandboxRules(
            policy,
            limits: try withTimes(policy.session.limits, madeWith(settings.limits, policy)), network: settings.network)
        rules.preparation = preparation(
            recipe.warm, policy, command: recipe.run, script: recipe.script, arguments: [],
            image: settings.networkVariables + image.environment, live: image.live.environment, own: recipe.environment,
            environment: environment)
        var spec = rules.spec(root: root)
        spec.hasChannel = true
        return spec
    }

    /// Those of a sandbox in which such a session lives. What one cell may use is not watched by the warden.
    private static func withTimes(_ session: SessionLimits, _ limits: Limits) throws(InvalidLimit) -> Limits {
        try limits.setting(.cpu, to: session.cpu).setting(.wall, to: session.life + graceTime)
            .setting(.idle, to: session.life + graceTime)
    }

    private static func job(
        _ image: Image, _ recipe: SessionRecipe, _ environment: [String: String], _ network: [String],
        _ errors: inout RequestErrors
    ) -> Job? {
        let environment = RunEnvironment.make(
            image: network + image.environment + image.live.environment + recipe.environment, request: environment,
            isTerminal: false)
        var job = Job(arguments: recipe.run, environment: environment)
        guard job.hasRoom(for: recipe.files), environment.count <= Job.maximumStrings else {
            let room = Job.maximumStringBytes - recipe.files.reduce(0) { $0 + $1.content.count }
            errors.note(
                "env",
                "found \(environment.count) variables of \(job.stringBytes) bytes with those of the language, allowed at "
                    + "most \(Job.maximumStrings), and some \(room) bytes beside the driver of \(image.name)")
            return nil
        }
        job.files = recipe.files
        return job
    }

    // MARK: - Checks

    /// The policy, also when it does not grant what the request asks for besides: its errors have been noted.
    private func policy(of request: SessionRequest, _ settings: RunSettings?) -> Policy? {
        if let settings { return settings.policy }
        var noted = RequestErrors()
        return find(language: request.language, policy: request.policy, limits: [:], network: nil, &noted).settings?
            .policy
    }

    private func recipe(of image: Image, _ errors: inout RequestErrors) -> SessionRecipe? {
        if let recipe = image.session { return recipe }
        let known = images.images.filter { $0.session != nil }.map(\.name)
        errors.note(
            "language",
            "is \(image.name), which has no sessions; "
                + (known.isEmpty ? "no language has" : "these have: \(known.joined(separator: ", "))"),
            extras: known.isEmpty ? [:] : ["known": known.joined(separator: ", ")])
        return nil
    }

    static func checkNames(name: String?, tags: [String], _ errors: inout RequestErrors) {
        func check(_ text: String, _ path: String) {
            let bytes = text.utf8.count
            guard (1...SessionRequest.maximumNameBytes).contains(bytes), !text.utf8.contains(where: { $0 < 0x20 })
            else {
                errors.note(
                    path,
                    "found \"\(shown(text))\", allowed 1 to \(SessionRequest.maximumNameBytes) bytes without control "
                        + "characters")
                return
            }
        }
        if let name { check(name, "name") }
        guard tags.count <= SessionRequest.maximumTags else {
            errors.note("tags", "found \(tags.count), allowed at most \(SessionRequest.maximumTags)")
            return
        }
        for (index, tag) in tags.enumerated() { check(tag, "tags[\(index)]") }
    }

    /// The limits of a sandbox without those that a session has instead, which are refused.
    private static func withoutTimes(_ limits: [String: String], _ errors: inout RequestErrors) -> [String: String] {
        let others: [(LimitName, String)] = [
            (.cpu, "session.cpu and session.cell.cpu"), (.wall, "session.life and session.cell.wall"),
            (.idle, "session.idle"), (.output, "session.cell.output"),
        ]
        var rest = limits
        for (name, instead) in others where rest.removeValue(forKey: name.rawValue) != nil {
            errors.note(
                "limits.\(name.rawValue)", "is a limit of runs, allowed in its place: \(instead)", .invalidLimit)
        }
        return rest
    }

    private static func checkDescriptors(_ limits: Limits, _ errors: inout RequestErrors) {
        let openFiles = limits[.openFiles]
        guard openFiles < SandboxSpec.channelOpenFiles else { return }
        errors.note(
            "limits.\(LimitName.openFiles.rawValue)",
            "found \(openFiles), allowed at least \(SandboxSpec.channelOpenFiles) in a session", .invalidLimit)
    }
}
