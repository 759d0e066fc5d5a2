package import Images
package import Policies
package import RunModel
internal import Synchronization

/// Images and policies in force. They may be read anew while the service runs; a reload that fails changes nothing.
///
/// Safe from any thread. `init` and `reload` read files; the look-ups never wait for them.
package final class RunCatalog: Sendable {
    package struct Content: Sendable {
        package let images: ImageLibrary
        package let policies: PolicySet
    }

    package let store: ImageStore
    private let imageFolder: String
    private let policyFolder: String
    private let state: Mutex<Content>

    /// - Throws: `APIError` with all mistakes of the files, one per line.
    package init(images: String, policies: String, store: ImageStore) throws(APIError) {
        imageFolder = images
        policyFolder = policies
        self.store = store
        state = Mutex(try Self.load(images: images, policies: policies))
    }

    package var content: Content { state.withLock { $0 } }

    package func reload() throws(APIError) {
        let fresh = try Self.load(images: imageFolder, policies: policyFolder)
        state.withLock { $0 = fresh }
    }

    package var planner: RunPlanner {
        let content = content
        let store = store
        return RunPlanner(images: content.images, policies: content.policies) { (image) throws(ImageError) in
            try store.resolve(image)
        }
    }

    private static func load(images: String, policies: String) throws(APIError) -> Content {
        Content(images: try self.images(in: images), policies: try self.policies(in: policies))
    }

    /// - Throws: `APIError` with all mistakes of the files, one per line.
    package static func images(in folder: String) throws(APIError) -> ImageLibrary {
        do {
            return try ImageLibrary(directory: folder)
        } catch {
            throw APIError(.invalidImage, error.description, details: ["directory": folder])
        }
    }

    /// - Throws: `APIError` with all mistakes of the files, one per line.
    package static func policies(in folder: String) throws(APIError) -> PolicySet {
        do {
            return try PolicySet.load(directory: folder)
        } catch {
            throw APIError(.invalidPolicy, error.description, details: ["directory": folder])
        }
    }
}
