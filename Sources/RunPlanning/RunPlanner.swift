internal import ConfigurationFiles
package import Images
package import Policies
package import RunModel
package import SandboxSpec

/// Checks requests and turns them into plans. Pure, but for finding the root of an image (`bind`, `pools`, `checkRoot`), which
/// looks at the disk.
package struct RunPlanner: Sendable {
    /// Where the root of an image is.
    package typealias Roots = @Sendable (Image) throws(ImageError) -> RootSource

    let images: ImageLibrary
    private let policies: PolicySet
    private let roots: Roots
    /// Plans made with these images and policies.
    let cache: PlanCache?
    /// Which state of the files these images and policies are; nil where nobody counts.
    package let generation: RuleGeneration?
    /// By the name of the policy; empty where nobody counts.
    private let digests: [String: String]

    /// - Parameters:
    ///   - cache: an empty one, for the use of this planner and its copies alone; nil plans every request in full.
    ///   - generation: which state of the files these images and policies are.
    package init(
        images: ImageLibrary, policies: PolicySet, cache: PlanCache? = nil, generation: RuleGeneration? = nil,
        roots: @escaping Roots
    ) {
        self.generation = generation
        digests = generation == nil ? [:] : policies.policies.mapValues(\.digest)
        self.images = images
        self.policies = policies
        self.roots = roots
        self.cache = cache
    }

    /// Which rules runs under this policy are held to; nil where nobody counts generations.
    package func reference(to policy: Policy) -> RulesReference? {
        guard let generation, let digest = digests[policy.name] else { return nil }
        return RulesReference(policy: policy.name, generation: generation.number, digest: digest)
    }

    /// The image that a file belongs to by its extension.
    package func image(forFile file: String) throws(APIError) -> Image {
        do {
            return try images.image(forFile: file)
        } catch {
            throw Self.error(error, details: ["file": file])
        }
    }

    /// Finds image, policy and limits.
    ///
    /// - Parameters:
    ///   - language: the name or an alias of an image.
    ///   - policy: a policy by name; otherwise the one called like the image, or the first one made for it.
    ///   - limits: wanted limits by name, with units.
    ///   - network: the wanted network; the policy's own when absent.
    /// - Throws: all that is wrong with them.
    package func settings(
        language: String, policy: String? = nil, limits: [String: String] = [:], network: NetworkRequest? = nil
    ) throws(APIError) -> RunSettings {
        var errors = RequestErrors()
        let found = find(language: language, policy: policy, limits: limits, network: network, &errors)
        try errors.throwIfAny()
        guard let settings = found.settings else {
            throw APIError(.internalError, "settings without an error are missing")
        }
        return settings
    }

    /// The same of a whole request.
    func find(_ request: RunRequest, _ errors: inout RequestErrors) -> (image: Image?, settings: RunSettings?) {
        find(
            language: request.language, policy: request.policy, limits: request.limits, network: request.network,
            &errors)
    }

    /// The same; errors are noted, and what could be found in spite of them is returned.
    func find(
        language: String, policy name: String?, limits: [String: String], network: NetworkRequest?,
        field: String = "language", _ errors: inout RequestErrors
    ) -> (image: Image?, settings: RunSettings?) {
        let image = image(language, field, &errors)
        let policy = policy(named: name, for: image, &errors)
        let wanted = Self.wanted(limits, &errors)
        guard let image, let policy else { return (image, nil) }
        for refusal in policy.refusals(of: wanted) { errors.note(refusal.field, refusal.reason, .invalidLimit) }
        do throws(NetworkOverrideError) {
            let granted = try policy.network(overriding: network?.access, hosts: network?.hosts)
            do throws(LimitOverrideError) {
                let limits = try policy.limits(overriding: wanted)
                return (image, RunSettings(image: image, policy: policy, limits: limits, network: granted))
            } catch {
                errors.note(error.field, error.reason, .invalidLimit)
            }
        } catch {
            errors.note(error.field, error.reason)
        }
        return (image, nil)
    }

    /// The image of this name, or of this alias.
    func image(named name: String) throws(APIError) -> Image {
        do {
            return try images.image(named: name)
        } catch {
            throw Self.error(error, details: [:])
        }
    }

    private func image(_ language: String, _ field: String, _ errors: inout RequestErrors) -> Image? {
        // Missing, or no text: that has been said.
        if errors.has(field) { return nil }
        do throws(APIError) {
            return try image(named: language)
        } catch {
            // All names are for those who look for them; the message has near ones alone.
            errors.note(field, error.message, error.code, extras: error.details)
            return nil
        }
    }

    private static func error(_ error: ImageError, details: [String: String]) -> APIError {
        guard error.code != .brokenDescription else { return APIError(.invalidImage, error.message, details: details) }
        var details = details
        if !error.known.isEmpty { details["known"] = error.known.joined(separator: ", ") }
        return APIError(.unknownLanguage, error.message, details: details)
    }

    /// - Throws: why sandboxes of this image cannot be made now.
    package func checkRoot(of image: Image) throws(APIError) {
        _ = try root(of: image)
    }

    /// Where the image's root is.
    func root(of image: Image) throws(APIError) -> RootSource {
        do {
            return try roots(image)
        } catch {
            throw APIError(
                error.code == .notBuilt ? .imageNotBuilt : .invalidImage, error.message,
                details: ["image": image.name])
        }
    }

    private func policy(named name: String?, for image: Image?, _ errors: inout RequestErrors) -> Policy? {
        if errors.has("policy") { return nil }
        guard let wanted = name ?? image.map(usualName) else { return nil }
        let policy: Policy
        do {
            policy = try policies.policy(named: wanted)
        } catch {
            errors.note(
                "policy", error.description, error.diagnostics == nil ? .unknownPolicy : .invalidPolicy,
                extras: error.known.isEmpty ? [:] : ["known": error.known.joined(separator: ", ")])
            return nil
        }
        if let image, let other = policy.image, other != image.name, other != image.language {
            errors.note("policy", "is \(policy.name), which is for image \(other); the program is for \(image.name)")
            return nil
        }
        return policy
    }

    /// The policy of runs that name none; nil when errors have disabled it, or there is none.
    func usualPolicy(for image: Image) -> Policy? { policies.policies[usualName(for: image)] }

    /// The one called like the image, or the first one made for it; of a version that has none, its language's; otherwise
    /// `default`. One that errors have disabled is not replaced: it may have allowed less.
    private func usualName(for image: Image) -> String {
        let usual = policies.policies.values.filter { $0.image == image.name }.map(\.name).sorted()
        if usual.contains(image.name) || policies.broken[image.name] != nil { return image.name }
        if let found = usual.first { return found }
        if image.language != image.name, let language = try? images.image(named: image.language) {
            return usualName(for: language)
        }
        return policies.policies["default"]?.image == nil ? "default" : image.name
    }

    /// What the texts say. Each is checked by itself, so that the error names all wrong ones.
    private static func wanted(
        _ limits: [String: String], _ errors: inout RequestErrors
    ) -> [LimitName: Int64] {
        var wanted: [LimitName: Int64] = [:]
        let names = LimitName.allCases.map(\.rawValue)
        for (text, value) in limits.sorted(by: { $0.key < $1.key }) {
            guard let name = LimitName(rawValue: text) else {
                let hint = Suggestion.hint(for: text, among: names).map { " (\($0))" } ?? ""
                errors.note(
                    "limits.\(shown(text))", "is no limit, allowed are \(names.joined(separator: ", "))\(hint)",
                    .invalidLimit)
                continue
            }
            do throws(InvalidQuantity) {
                wanted[name] = try LimitText.parse(value, for: name)
            } catch {
                errors.note("limits.\(text)", error.description, .invalidLimit)
            }
        }
        return wanted
    }
}
