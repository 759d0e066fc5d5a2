internal import Images
internal import Policies
internal import RunModel
internal import RunPlanning

/// Images and policies of this machine, loaded and checked. Those with mistakes are left out.
struct Catalog {
    let images: ImageLibrary
    let policies: PolicySet
    let store: ImageStore

    /// - Throws: `APIError` with all mistakes of the files, one per line, when nothing can be used.
    init(_ folders: Folders) throws(APIError) {
        images = try Self.images(folders)
        policies = try Self.policies(folders)
        store = ImageStore(state: folders.state)
    }

    init(_ places: Places) throws(APIError) {
        try self.init(places.folders)
    }

    var planner: RunPlanner {
        let store = store
        return RunPlanner(images: images, policies: policies) { (image) throws(ImageError) in try store.resolve(image) }
    }

    static func images(_ folders: Folders) throws(APIError) -> ImageLibrary {
        try RunCatalog.images(in: folders.images)
    }

    static func policies(_ folders: Folders) throws(APIError) -> PolicySet {
        try RunCatalog.policies(in: folders.policies)
    }
}
