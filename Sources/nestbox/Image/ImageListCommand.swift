internal import ArgumentParser
internal import Images
internal import RunModel

struct ImageListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List images and whether they can be used.",
        discussion: """
            DIGEST is the beginning of the root's name, SHARED how many images are on that root. The last line counts \
            each root once.
            """)

    @OptionGroup var places: Places

    @Flag(help: "Print JSON.")
    var json = false

    mutating func run() async throws {
        do throws(APIError) {
            let library = try Catalog.images(places)
            let statuses = ImageStore(state: places.stateFolder).list(library.images)
            json ? try Output.json(statuses.map(ShownImage.init)) : show(statuses)
        } catch {
            throw CommandFailure(error, asJSON: json)
        }
    }

    private func show(_ statuses: [ImageStatus]) {
        var rows = [["IMAGE", "ROOT", "STATE", "SIZE", "DIGEST", "SHARED", "ALIASES", "ABOUT"]]
        let total = RootTotal(statuses)
        for status in statuses {
            rows.append([
                status.name, status.rootKind, status.state.word, status.bytes.map(Summary.bytes) ?? "-",
                status.digest?.short ?? "-", status.digest.map { "\(total.sharers($0))" } ?? "-",
                status.aliases.isEmpty ? "-" : status.aliases.joined(separator: ","), status.description,
            ])
        }
        for line in Table.lines(rows) { Console.say(line) }
        Console.say(
            "\(Summary.count(statuses.count, "image")), \(Summary.count(total.roots, "root")) built, "
                + "\(Summary.bytes(total.bytes)) together")
        for status in statuses {
            if case .unusable(let reason) = status.state { Console.complain("image \(status.name): \(reason)") }
        }
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
}
