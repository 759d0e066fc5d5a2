internal import Images
internal import Policies
internal import RunModel
internal import RunPlanning
internal import ServerSettings

/// Images and policies of this machine, loaded and checked. Those with errors are left out.
struct Catalog {
    let images: ImageLibrary
    let policies: PolicySet
    let store: ImageStore

    /// - Throws: `APIError` with all errors of the files, one per line, when nothing can be used.
    init(_ directories: DirectorySettings) throws(APIError) {
        images = try Self.images(directories)
        policies = try Self.policies(directories)
        store = ImageStore(state: directories.state)
    }

    init(_ directories: DirectoryOptions) throws(APIError) {
        try self.init(directories.found)
    }

    var planner: RunPlanner {
        let store = store
        return RunPlanner(images: images, policies: policies) { (image) throws(ImageError) in try store.resolve(image) }
    }

    static func images(_ directories: DirectorySettings) throws(APIError) -> ImageLibrary {
        try RunCatalog.images(in: directories.images)
    }

    static func policies(_ directories: DirectorySettings) throws(APIError) -> PolicySet {
        try RunCatalog.policies(in: directories.policies)
    }
}

extension DirectorySettings {
    /// Where a command that runs one program looks.
    var places: RequestCatalog.Places { RequestCatalog.Places(images: images, policies: policies, state: state) }
}
