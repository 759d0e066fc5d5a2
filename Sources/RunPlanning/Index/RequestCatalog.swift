internal import Images
internal import Policies
package import RunModel

/// The images and policies that one request is about: read by an index where there is one that holds, otherwise all there are.
///
/// Errors name what else there is, so a caller that gets one from a part of the catalog asks again with `whole`.
package struct RequestCatalog: Sendable {
    package let planner: RunPlanner
    /// Whether only some images and policies have been read.
    package let isPartial: Bool
    private let places: Places

    /// Where images, policies and roots are.
    package struct Places: Sendable {
        let images: [String]
        let policies: [String]
        let state: String

        package init(images: [String], policies: [String], state: String) {
            self.images = images
            self.policies = policies
            self.state = state
        }
    }

    /// - Parameters:
    ///   - language: the name or an alias of an image; that of the file's extension when nil.
    ///   - policy: the wanted one; nil for the usual one.
    /// - Throws: `APIError` with all errors of the files, one per line, when nothing can be used.
    package init(_ places: Places, language: String?, file: String, policy: String?) throws(APIError) {
        if let planner = Self.some(places, language: language, file: file, policy: policy) {
            self.places = places
            self.planner = planner
            isPartial = true
        } else {
            self = try Self.all(places)
        }
    }

    private init(_ places: Places, _ images: ImageLibrary, _ policies: PolicySet, isPartial: Bool) {
        self.places = places
        self.isPartial = isPartial
        planner = Self.planner(places, images, policies)
    }

    /// The same with all images and policies.
    package func whole() throws(APIError) -> RequestCatalog { isPartial ? try Self.all(places) : self }

    private static func planner(_ places: Places, _ images: ImageLibrary, _ policies: PolicySet) -> RunPlanner {
        let store = ImageStore(state: places.state)
        return RunPlanner(images: images, policies: policies) { (image) throws(ImageError) in try store.resolve(image) }
    }

    /// All there are. Leaves an index for the next request.
    private static func all(_ places: Places) throws(APIError) -> RequestCatalog {
        // Looked at before they are read: what changes in between is read again the next time.
        let sources = CatalogSources(images: places.images, policies: places.policies)
        let images = try RunCatalog.images(in: places.images)
        let policies = try RunCatalog.policies(in: places.policies)
        if let sources, let index = CatalogIndex(sources, images, policies) {
            CatalogIndexFile(state: places.state).write(index)
        }
        return RequestCatalog(places, images, policies, isPartial: false)
    }

    /// - Returns: nil when there is no index that holds, or what is asked for is not plainly in it.
    private static func some(_ places: Places, language: String?, file: String, policy: String?) -> RunPlanner? {
        guard let index = CatalogIndexFile(state: places.state).read(),
            let sources = CatalogSources(images: places.images, policies: places.policies),
            sources.lines == index.sources,
            let image = index.image(language: language, file: file)
        else { return nil }
        let images = ImageLibrary.some(of: sources.images.filter { [image.name, image.language].contains($0.name) })
        let names = index.policies(for: image, named: policy)
        let files = sources.policies.filter { file in
            names.contains { file.hasSuffix("/\($0).yaml") }
        }
        let policies = PolicySet.some(of: files, groups: sources.groups, networks: sources.networks)
        guard images.diagnostics == nil, policies.diagnostics == nil,
            Self.name(language, file, in: images) == image.name,
            Set(policies.policies.keys) == names
        else { return nil }
        return planner(places, images, policies)
    }
}

extension RequestCatalog {
    /// What the files themselves say that this is.
    private static func name(_ language: String?, _ file: String, in images: ImageLibrary) -> String? {
        do throws(ImageError) {
            if let language { return try images.image(named: language).name }
            return try images.image(forFile: file).name
        } catch {
            return nil
        }
    }
}

extension CatalogIndex {
    /// The one image that this is the name, an alias or a file of.
    fileprivate func image(language: String?, file: String) -> ImageEntry? {
        if let word = language?.lowercased() {
            return images.first { $0.name == word } ?? images.first { $0.aliases.contains(word) }
        }
        let name = file.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
        let suffix = name[name.index(after: dot)...].lowercased()
        return images.first { $0.extensions.contains(suffix) }
    }

    /// The names of all policies that can have a say in which one a run of this image gets, with those that they extend.
    fileprivate func policies(for image: ImageEntry, named name: String?) -> Set<String> {
        let usual = policies.filter { policy in
            policy.name == "default" || policy.image == image.name || policy.image == image.language
        }
        let named = policies.filter { $0.name == name }
        return Set((usual + named).flatMap { [$0.name] + $0.ancestors })
    }
}
