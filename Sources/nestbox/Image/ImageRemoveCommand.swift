internal import ArgumentParser
internal import Glibc
internal import Images
internal import RunModel
internal import ServerSettings

struct ImageRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove the built roots of images.",
        discussion: """
            The descriptions of the images stay; build the roots again at any time. A root that other images share \
            is removed for all of them. Do it while no program of the image runs.

            EXAMPLES
              nestbox image remove java
              nestbox image remove --unused
            """)

    @OptionGroup var directories: ImageDirectoryOptions

    @Argument(
        help: ArgumentHelp("Images, by name or alias.", valueName: "name"),
        completion: .custom { _, _, _ in Completions.images() })
    var names: [String] = []

    @Flag(help: "All images.")
    var all = false

    @Flag(
        help: """
            Also roots that no image describes any more, what builds that died have left, and downloads that no built \
            root is made of.
            """)
    var unused = false

    func validate() throws {
        if names.isEmpty && !all && !unused { throw ValidationError("name images, or say --all or --unused") }
        if !names.isEmpty && all { throw ValidationError("--all and names exclude each other") }
    }

    mutating func run() async throws {
        if access(directories.found.state, W_OK) != 0 { try RootRights.check(to: "remove roots") }
        do throws(APIError) {
            let library = try Catalog.images(directories.found)
            let store = ImageStore(state: directories.found.state)
            var selection = ImageSelection()
            selection.names = names
            selection.all = all
            for image in try selection.images(in: library) { try remove(image, library, store) }
            if unused { try removeUnused(library, store) }
        } catch {
            throw CommandFailure(error)
        }
    }

    private func remove(_ image: Image, _ library: ImageLibrary, _ store: ImageStore) throws(APIError) {
        guard image.root.isBuilt else {
            Console.say("\(image.name): \(image.root.kind) root, nothing to remove")
            return
        }
        let status = store.status(of: image)
        guard case .built = status.state, let digest = status.digest else {
            Console.say("\(image.name): \(status.state.word), nothing to remove")
            return
        }
        let others = store.users(of: digest, among: library.images).filter { $0 != image.name }
        do {
            try store.remove(digest)
        } catch {
            throw APIError(.invalidImage, "image \(image.name): \(error.message)")
        }
        let shared = others.isEmpty ? "" : ", which \(others.joined(separator: ", ")) shared"
        Console.say("\(image.name): root removed\(shared)")
    }

    private func removeUnused(_ library: ImageLibrary, _ store: ImageStore) throws(APIError) {
        var freed: Int64 = 0
        var cached = (count: 0, bytes: Int64(0))
        defer {
            if cached.count > 0 {
                Console.say("removed \(Summary.count(cached.count, "cached download")), \(Summary.bytes(cached.bytes))")
            }
            Console.say("\(Summary.bytes(freed)) freed")
        }
        do {
            for item in try store.garbage(keeping: library.images) {
                try store.remove(item)
                freed += item.bytes
                if item.kind == .cache {
                    cached = (cached.count + 1, cached.bytes + item.bytes)
                } else {
                    Console.say("removed \(item.kind.rawValue) \(item.path), \(Summary.bytes(item.bytes))")
                }
            }
        } catch {
            throw APIError(.internalError, error.message)
        }
    }
}
