internal import ConfigurationFiles
internal import Images
internal import Policies
package import RunModel
internal import SandboxSpec

/// From a request for a workspace to its sandbox.
extension RunPlanner {
    /// How much longer its sandbox may live than a workspace: whoever looks after it comes first.
    private static let graceTime: Int64 = 60_000_000_000

    /// Checks a request for a workspace as a whole, and finds the root of its image on this machine.
    ///
    /// - Throws: all that is wrong with it, each by the path of its field; or why sandboxes of its image cannot be made here.
    package func workspace(_ request: WorkspaceRequest) throws(APIError) -> WorkspacePlan {
        var errors = RequestErrors()
        Self.checkNames(name: request.name, tags: request.tags, &errors)
        Self.checkStrings(arguments: [], environment: request.environment, &errors)
        let found = find(
            language: request.image, policy: request.policy, limits: Self.withoutOwn(request.limits, &errors),
            network: request.network, field: "image", &errors)
        let files = RunFiles.check(request.files, disk: found.settings?.limits[.disk], &errors)
        let limits = found.settings.map { Self.limits(of: request, $0.policy, &errors) }
        try errors.throwIfAny()
        guard let settings = found.settings, let limits else {
            throw APIError(.internalError, "a workspace without an error has no plan")
        }
        let root = try root(of: settings.image)
        do throws(InvalidLimit) {
            let life = limits.life + Self.graceTime
            let times = try settings.limits.setting(.cpu, to: limits.cpu).setting(.wall, to: life)
                .setting(.idle, to: life)
            var spec = SandboxRules(settings.policy, limits: times, network: settings.network).spec(root: root)
            spec.hasProcesses = true
            let image = settings.image
            return WorkspacePlan(
                spec: spec, limits: limits, files: files, image: image.name, language: image.language,
                policy: settings.policy.name, egress: settings.egress,
                base: settings.networkVariables + image.environment + image.live.environment,
                own: request.environment)
        } catch {
            throw APIError(.internalError, "a workspace that was checked has limits out of range: \(error)")
        }
    }

    /// The limits of one workspace: those of the policy, with what the request asks for in their places.
    private static func limits(
        of request: WorkspaceRequest, _ policy: Policy, _ errors: inout RequestErrors
    ) -> WorkspaceLimits {
        var limits = policy.workspace.limits
        for (field, name, text) in [("ttl", WorkspaceLimitName.life, request.ttl), ("idle", .idle, request.idle)] {
            guard let text else { continue }
            do throws(APIError) {
                limits[name] = try workspaceTime(text, name, within: limits, field: field)
            } catch {
                errors.note(field, error.details[field] ?? error.message, .invalidLimit)
            }
        }
        limits.idle = min(limits.idle, limits.life)
        return limits
    }

    /// A time that a client asks for.
    ///
    /// - Parameters:
    ///   - name: `life` or `idle`.
    ///   - most: what it may have at most.
    /// - Throws: `INVALID_LIMIT`.
    package static func workspaceTime(
        _ text: String, _ name: WorkspaceLimitName, within most: WorkspaceLimits, field: String
    ) throws(APIError) -> Int64 {
        let reason: String
        do throws(InvalidQuantity) {
            let value = try Quantity.parse(text, as: QuantityKind(name.unit), in: name.range)
            if value <= most[name] { return value }
            let bounds = [name.range.lowerBound, most[name]].map { Quantity.format($0, as: QuantityKind(name.unit)) }
            reason =
                "found \(Quantity.format(value, as: QuantityKind(name.unit))), allowed \(bounds[0]) to \(bounds[1]), "
                + "what the policy gives"
        } catch {
            reason = error.description
        }
        throw APIError(.invalidLimit, "\(field): \(reason)", details: [field: reason])
    }

    /// The limits of a sandbox without those that a workspace has instead, which are refused.
    private static func withoutOwn(_ limits: [String: String], _ errors: inout RequestErrors) -> [String: String] {
        var rest = limits
        let others: [(LimitName, String)] = [
            (.cpu, "workspace.cpu of the policy"), (.wall, "ttl"), (.idle, "idle"),
            (.output, "the log of each process"),
        ]
        for (name, instead) in others where rest.removeValue(forKey: name.rawValue) != nil {
            errors.note(
                "limits.\(name.rawValue)", "is a limit of runs, allowed in its place: \(instead)", .invalidLimit)
        }
        return rest
    }
}
