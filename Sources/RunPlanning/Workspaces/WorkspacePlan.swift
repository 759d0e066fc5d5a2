package import EgressRules
package import RunModel
package import SandboxSpec

/// A workspace that has been checked against its image and its policy: the sandbox it lives in, and what it may use.
package struct WorkspacePlan: Sendable, Equatable {
    package var spec: SandboxSpec
    package var limits: WorkspaceLimits
    /// Written when the workspace is created.
    package var files: [InlineFile]
    /// By their names; `language` is the one that the image implements.
    package var image: String
    package var language: String
    package var policy: String
    /// What it may reach outside; with `egress` alone.
    package var egress: EgressGrant?
    /// Of every process, before what the workspace and the process set themselves: `KEY=VALUE` strings.
    var base: [String]
    /// What the workspace sets.
    var own: [String: String]

    package init(
        spec: SandboxSpec, limits: WorkspaceLimits, files: [InlineFile] = [], image: String, language: String,
        policy: String, egress: EgressGrant? = nil, base: [String] = [], own: [String: String] = [:]
    ) {
        self.spec = spec
        self.limits = limits
        self.files = files
        self.image = image
        self.language = language
        self.policy = policy
        self.egress = egress
        self.base = base
        self.own = own
    }

    /// The whole environment of a process.
    ///
    /// - Parameter wanted: what it sets itself; wins.
    /// - Throws: `INVALID_REQUEST` for names or values that no process can be given.
    package func environment(adding wanted: [String: String], isTerminal: Bool) throws(APIError) -> [String] {
        var errors = RequestErrors()
        RunPlanner.checkStrings(arguments: [], environment: wanted, &errors)
        try errors.throwIfAny()
        return RunEnvironment.make(
            image: base, request: own.merging(wanted) { $1 }, isTerminal: isTerminal)
    }
}
