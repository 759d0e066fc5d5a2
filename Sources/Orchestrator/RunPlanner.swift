package import Images
package import Policies
package import RunModel
package import SandboxSpec

/// Checks requests and turns them into plans. Pure: it reads no file and asks nobody.
package struct RunPlanner: Sendable {
    /// Where the root of an image is.
    package typealias Roots = @Sendable (Image) throws(ImageError) -> RootSource

    private let images: ImageLibrary
    private let policies: PolicySet
    private let roots: Roots

    package init(images: ImageLibrary, policies: PolicySet, roots: @escaping Roots) {
        self.images = images
        self.policies = policies
        self.roots = roots
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
    package func settings(
        language: String, policy: String? = nil, limits: [String: String] = [:], network: NetworkAccess? = nil
    ) throws(APIError) -> RunSettings {
        let image: Image
        do {
            image = try images.image(named: language)
        } catch {
            throw Self.error(error, details: ["language": language])
        }
        let policy = try self.policy(named: policy, for: image)
        let wanted = try Self.wanted(limits)
        let granted: Limits
        do {
            granted = try policy.limits(overriding: wanted)
        } catch {
            throw APIError(.invalidLimit, error.description, details: ["limit": error.limit.rawValue])
        }
        let access: NetworkAccess
        do {
            access = try policy.network(overriding: network)
        } catch {
            throw APIError(.invalidRequest, error.description, details: [error.field: error.reason])
        }
        return RunSettings(image: image, policy: policy, limits: granted, network: access)
    }

    /// All names are there for those who look for them; the message has near ones alone.
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

    private func policy(named name: String?, for image: Image) throws(APIError) -> Policy {
        let wanted = name ?? usualName(for: image)
        let policy: Policy
        do {
            policy = try policies.policy(named: wanted)
        } catch {
            throw Self.error(error)
        }
        if let other = policy.image, other != image.name, other != image.language {
            throw APIError(
                .invalidRequest, "policy \(policy.name) is for image \(other), the program is for \(image.name)",
                details: ["policy": policy.name, "image": image.name])
        }
        return policy
    }

    private static func error(_ error: UnknownPolicyError) -> APIError {
        var details = ["policy": error.name]
        guard error.mistakes == nil else { return APIError(.invalidPolicy, error.description, details: details) }
        if !error.known.isEmpty { details["known"] = error.known.joined(separator: ", ") }
        return APIError(.unknownPolicy, error.description, details: details)
    }

    /// The policy of runs that name none; nil when mistakes have disabled it, or there is none.
    func usualPolicy(for image: Image) -> Policy? { policies.policies[usualName(for: image)] }

    /// The one called like the image, or the first one made for it; of a version that has none, its language's; otherwise
    /// `default`. One that mistakes have disabled is not replaced: it may have allowed less.
    private func usualName(for image: Image) -> String {
        let usual = policies.policies.values.filter { $0.image == image.name }.map(\.name).sorted()
        if usual.contains(image.name) || policies.broken[image.name] != nil { return image.name }
        if let found = usual.first { return found }
        if image.language != image.name, let language = try? images.image(named: image.language) {
            return usualName(for: language)
        }
        return policies.policies["default"]?.image == nil ? "default" : image.name
    }

    private static func wanted(_ limits: [String: String]) throws(APIError) -> [LimitName: Int64] {
        var wanted: [LimitName: Int64] = [:]
        for (name, value) in limits.sorted(by: { $0.key < $1.key }) {
            do {
                let assignment = try LimitText.assignment("\(name)=\(value)")
                wanted[assignment.name] = assignment.value
            } catch {
                throw APIError(.invalidLimit, "limit: \(error)", details: ["limit": name])
            }
        }
        return wanted
    }
}
