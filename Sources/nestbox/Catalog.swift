internal import Images
internal import Orchestrator
internal import Policies
internal import RunModel

/// Images and policies of this machine, loaded and checked.
struct Catalog {
    let images: ImageLibrary
    let policies: PolicySet
    let store: ImageStore

    /// - Throws: `APIError` with all mistakes of the files, one per line.
    init(_ places: Places) throws(APIError) {
        images = try Self.images(places)
        policies = try Self.policies(places)
        store = ImageStore(state: places.stateFolder)
    }

    var planner: RunPlanner {
        let store = store
        return RunPlanner(images: images, policies: policies) { (image) throws(ImageError) in try store.resolve(image) }
    }

    static func images(_ places: Places) throws(APIError) -> ImageLibrary {
        try RunCatalog.images(in: places.imageFolder)
    }

    static func policies(_ places: Places) throws(APIError) -> PolicySet {
        try RunCatalog.policies(in: places.policyFolder)
    }
}
