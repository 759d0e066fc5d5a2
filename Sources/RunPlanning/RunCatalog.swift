internal import ConfigurationFiles
package import Images
package import Policies
package import RunModel
internal import Synchronization

/// Images and policies in force. They can be reloaded while the service runs.
///
/// What has errors is left out; the rest is used. A reload that would leave out what can be used now changes nothing.
/// Safe from any thread. `init` and `reload` read files; the look-ups never wait for them.
package final class RunCatalog: Sendable {
    package struct Content: Sendable {
        package let images: ImageLibrary
        package let policies: PolicySet

        /// What is wrong, a line each. Policies for images that are absent are no errors: an operator with few images
        /// may keep all policies.
        package var errors: [String] {
            [images.diagnostics, policies.diagnostics].compactMap(\.self)
                .flatMap { $0.description.split(separator: "\n").map(String.init) }
        }
    }

    package let store: ImageStore
    private let imageDirectories: [String]
    private let policyDirectories: [String]
    private let state: Mutex<Current>

    /// What is in force, and the planner for it, which keeps the plans that it made.
    private struct Current: Sendable {
        let content: Content
        let planner: RunPlanner

        init(_ content: Content, _ store: ImageStore) {
            self.content = content
            planner = RunPlanner(images: content.images, policies: content.policies, cache: PlanCache()) {
                (image) throws(ImageError) in try store.resolve(image)
            }
        }
    }

    /// - Parameters:
    ///   - images: directories that lie over each other, the last one on top.
    ///   - policies: the same.
    /// - Throws: `APIError` with all errors of the files, one per line, when nothing can be used.
    package init(images: [String], policies: [String], store: ImageStore) throws(APIError) {
        imageDirectories = images
        policyDirectories = policies
        self.store = store
        state = Mutex(Current(try Self.load(images: images, policies: policies), store))
    }

    package convenience init(images: String, policies: String, store: ImageStore) throws(APIError) {
        try self.init(images: [images], policies: [policies], store: store)
    }

    package var content: Content { state.withLock { $0.content } }

    /// - Throws: `APIError` with the errors that would take something away that can be used now.
    package func reload() throws(APIError) {
        let fresh = try Self.load(images: imageDirectories, policies: policyDirectories)
        let lost: ConfigurationError? = state.withLock { current in
            let content = current.content
            let image = fresh.images.broken.first { content.images.broken[$0.key] == nil }
            let policy = fresh.policies.broken.first { content.policies.broken[$0.key] == nil }
            guard let error = image?.value ?? policy?.value else {
                current = Current(fresh, store)
                return nil
            }
            return error
        }
        guard let lost else { return }
        let errors = [fresh.images.diagnostics, fresh.policies.diagnostics].compactMap(\.self)
        throw APIError(
            .invalidPolicy, errors.isEmpty ? "\(lost)" : errors.map(\.description).joined(separator: "\n"))
    }

    /// Files of images and policies that this process may not read, now that it is who it is.
    package var unreadable: [String] {
        let content = content
        let images = content.images.images.flatMap { [$0.directory, $0.directory + "/image.yaml"] }
        let policies = content.policies.policies.values.map(\.location.file)
        let directories = imageDirectories + policyDirectories.flatMap { [$0, $0 + "/syscalls"] }
        return ConfigurationFile.unreadable(among: directories + images.sorted() + policies.sorted())
    }

    /// A planner for what is in force now.
    package var planner: RunPlanner { state.withLock { $0.planner } }

    private static func load(images: [String], policies: [String]) throws(APIError) -> Content {
        Content(images: try self.images(in: images), policies: try self.policies(in: policies))
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
