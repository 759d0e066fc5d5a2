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
            throw APIError(.unknownLanguage, error.message, details: ["file": file])
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
            throw APIError(.unknownLanguage, error.message, details: ["language": language])
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
        let wanted = name ?? usualPolicy(for: image)
        let policy: Policy
        do {
            policy = try policies.policy(named: wanted)
        } catch {
            throw APIError(.unknownPolicy, error.description, details: ["policy": wanted])
        }
        if let other = policy.image, other != image.name, other != image.language {
            throw APIError(
                .invalidRequest, "policy \(policy.name) is for image \(other), the program is for \(image.name)",
                details: ["policy": policy.name, "image": image.name])
        }
        return policy
    }

    /// The one called like the image, or the first one made for it; of a version that has none, its language's.
    private func usualPolicy(for image: Image) -> String {
        let usual = policies.policies.values.filter { $0.image == image.name }.map(\.name).sorted()
        if let found = usual.contains(image.name) ? image.name : usual.first { return found }
        guard image.language != image.name, let language = try? images.image(named: image.language) else {
            return image.name
        }
        return usualPolicy(for: language)
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
