internal import Images
internal import JupyterAPI
internal import RunModel
internal import RunPlanning

extension Daemon {
    /// The languages whose sessions can be made here now, in the order of their names.
    static func kernels(_ catalog: RunCatalog) -> [KernelLanguage] {
        let planner = catalog.planner
        return catalog.content.images.images.compactMap { image in
            guard (try? planner.checkRoot(of: image)) != nil else { return nil }
            return KernelLanguage(image, version: catalog.store.status(of: image).version)
        }
    }
}
