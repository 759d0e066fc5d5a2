internal import ConfigurationFiles
package import Images
package import Policies
package import RunModel
internal import Synchronization
package import Tenants

/// Images and policies in force. They can be reloaded while the service runs.
///
/// What has errors is left out; the rest is used. A reload that would leave out what can be used now changes nothing.
/// Safe from any thread. `init` and `reload` read files; the look-ups never wait for them.
package final class RunCatalog: Sendable {
    package struct Content: Sendable {
        package let images: ImageLibrary
        package let policies: PolicySet
        package let tenants: TenantSet

        /// What is wrong, a line each. Policies for images that are absent are no errors: an operator with few images
        /// may keep all policies.
        package var errors: [String] {
            [images.diagnostics, policies.diagnostics].compactMap(\.self)
                .flatMap { $0.description.split(separator: "\n").map(String.init) }
        }
    }

    /// Images and policies that are in force or could be, with the planner for them, which keeps the plans that it made.
    package struct Candidate: Sendable {
        package let content: Content
        package let planner: RunPlanner

        init(_ content: Content, _ store: ImageStore, _ generation: RuleGeneration? = nil) {
            self.content = content
            planner = RunPlanner(
                images: content.images, policies: content.policies, cache: PlanCache(), generation: generation
            ) { (image) throws(ImageError) in try store.resolve(image) }
        }
    }

    package let store: ImageStore
    private let imageDirectories: [String]
    private let policyDirectories: [String]
    private let state: Mutex<Candidate>

    /// - Parameters:
    ///   - images: directories that lie over each other, the last one on top.
    ///   - policies: the same.
    /// - Throws: `APIError` with all errors of the files, one per line, when nothing can be used.
    package init(images: [String], policies: [String], store: ImageStore) throws(APIError) {
        imageDirectories = images
        policyDirectories = policies
        self.store = store
        state = Mutex(Candidate(try Self.load(images: images, policies: policies), store))
    }

    package convenience init(images: String, policies: String, store: ImageStore) throws(APIError) {
        try self.init(images: [images], policies: [policies], store: store)
    }

    /// Where the files are that this reads.
    package var directories: (images: [String], policies: [String]) { (imageDirectories, policyDirectories) }

    package var content: Content { current.content }

    /// What is in force now.
    package var current: Candidate { state.withLock { $0 } }

    /// Reads the files. What is in force stays so.
    ///
    /// - Throws: `APIError` with the errors that would take something away that can be used now.
    package func candidate(_ generation: RuleGeneration?) throws(APIError) -> Candidate {
        let fresh = try Self.load(images: imageDirectories, policies: policyDirectories)
        let content = content
        let image = fresh.images.broken.sorted { $0.key < $1.key }.first { content.images.broken[$0.key] == nil }
        let policy = fresh.policies.broken.sorted { $0.key < $1.key }.first { content.policies.broken[$0.key] == nil }
        guard let lost = image?.value ?? policy?.value else { return Candidate(fresh, store, generation) }
        let errors = [fresh.images.diagnostics, fresh.policies.diagnostics].compactMap(\.self)
        throw APIError(
            .invalidPolicy, errors.isEmpty ? "\(lost)" : errors.map(\.description).joined(separator: "\n"))
    }

    /// Puts a candidate in force, as a whole: a request is planned with the one before or with this one.
    package func adopt(_ candidate: Candidate) {
        state.withLock { $0 = candidate }
    }

    /// What is in force is this generation from now on.
    package func begin(_ generation: RuleGeneration) {
        state.withLock { $0 = Candidate($0.content, store, generation) }
    }

    /// Reads the files and puts them in force. The generation, if there is one, stays: for callers that do not count.
    ///
    /// - Throws: `APIError` with the errors that would take something away that can be used now.
    package func reload() throws(APIError) {
        adopt(try candidate(current.planner.generation))
    }

    /// Files of images and policies that this process may not read, now that it is who it is.
    package var unreadable: [String] {
        let content = content
        let images = content.images.images.flatMap { [$0.directory, $0.directory + "/image.yaml"] }
        let policies = content.policies.policies.values.map(\.location.file)
        let directories =
            imageDirectories + policyDirectories.flatMap { [$0, $0 + "/syscalls"] }
            + TenantSet.directories(besides: policyDirectories)
        return ConfigurationFile.unreadable(among: directories + images.sorted() + policies.sorted())
    }

    /// A planner for what is in force now.
    package var planner: RunPlanner { current.planner }

    private static func load(images: [String], policies: [String]) throws(APIError) -> Content {
        let (library, set) = (try self.images(in: images), try self.policies(in: policies))
        return Content(images: library, policies: set, tenants: try tenants(besides: policies, library, set))
    }

    /// - Throws: `APIError` with all errors of the files, one per line.
    package static func tenants(
        besides policies: [String], _ images: ImageLibrary, _ set: PolicySet
    ) throws(APIError) -> TenantSet {
        let directories = TenantSet.directories(besides: policies)
        do {
            return try TenantSet.load(
                directories: directories, languages: images.images.map(\.name) + images.broken.keys,
                policies: Array(set.policies.keys) + set.broken.keys)
        } catch {
            throw APIError(
                .invalidTenant, error.description, details: ["directory": directories.joined(separator: ", ")])
        }
    }

    /// - Throws: `APIError` with all errors of the files, one per line, when no image can be used.
    package static func images(in directories: [String]) throws(APIError) -> ImageLibrary {
        do {
            return try ImageLibrary.usable(directories: directories)
        } catch {
            throw APIError(
                .invalidImage, error.description, details: ["directory": directories.joined(separator: ", ")])
        }
    }

    /// - Throws: `APIError` with all errors of the files, one per line, when no policy can be used.
    package static func policies(in directories: [String]) throws(APIError) -> PolicySet {
        do {
            return try PolicySet.usable(directories: directories)
        } catch {
            throw APIError(
                .invalidPolicy, error.description, details: ["directory": directories.joined(separator: ", ")])
        }
    }
}
