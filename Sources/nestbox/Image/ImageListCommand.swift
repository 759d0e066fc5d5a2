internal import ArgumentParser
internal import ConfigurationFiles
internal import Images
internal import RunModel
internal import ServerSettings

struct ImageListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List images and whether they can be used.",
        discussion: """
            DIGEST is the beginning of the root's name, SHARED how many images are on that root. The last line counts \
            each root once. An image that is broken has errors in its description, which follow the list; the others \
            can be used.
            """)

    @OptionGroup var directories: ImageDirectoryOptions

    @Flag(help: "Print JSON.")
    var json = false

    mutating func run() async throws {
        do throws(APIError) {
            let library = try Catalog.images(directories.found)
            let statuses = ImageStore(state: directories.found.state).list(library.images)
            if json {
                try Output.json(
                    statuses.map(ShownImage.init)
                        + library.broken.sorted { $0.key < $1.key }.map { ShownImage($0.key, broken: $0.value) })
            } else {
                show(statuses, library)
            }
        } catch {
            throw CommandFailure(error, asJSON: json)
        }
    }

    private func show(_ statuses: [ImageStatus], _ library: ImageLibrary) {
        var rows = [["IMAGE", "ROOT", "STATE", "SIZE", "DIGEST", "SHARED", "ALIASES", "ABOUT"]]
        let total = RootTotal(statuses)
        for status in statuses {
            rows.append([
                status.name, status.rootKind, status.state.word, status.bytes.map(Summary.bytes) ?? "-",
                status.digest?.short ?? "-", status.digest.map { "\(total.sharers($0))" } ?? "-",
                status.aliases.isEmpty ? "-" : status.aliases.joined(separator: ","), status.description,
            ])
        }
        for name in library.broken.keys.sorted() { rows.append([name, "-", "broken", "-", "-", "-", "-", ""]) }
        for line in Table.lines(rows) { Console.say(line) }
        Console.say(
            "\(Summary.count(statuses.count, "image")), \(Summary.count(total.roots, "root")) built, "
                + "\(Summary.bytes(total.bytes)) together")
        for status in statuses {
            if case .unusable(let reason) = status.state { Console.complain("image \(status.name): \(reason)") }
        }
        if let diagnostics = library.diagnostics { Console.complain(diagnostics.description) }
    }
}

private struct ShownImage: Encodable {
    let name: String
    let aliases: [String]
    let description: String
    let root: String
    let state: String
    let reason: String?
    let digest: String?
    let bytes: Int64?
    let path: String?

    init(_ status: ImageStatus) {
        name = status.name
        aliases = status.aliases
        description = status.description
        root = status.rootKind
        state = status.state.word
        if case .unusable(let text) = status.state { reason = text } else { reason = nil }
        digest = status.digest.map { "\($0)" }
        bytes = status.bytes
        path = status.path
    }

    /// One that errors in its description have disabled.
    init(_ name: String, broken error: ConfigurationError) {
        self.name = name
        aliases = []
        description = ""
        root = ""
        state = "broken"
        reason = error.description
        digest = nil
        bytes = nil
        path = nil
    }
}
