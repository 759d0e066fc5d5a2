internal import Images
internal import Policies

/// Which file says what: names of images and policies, by which a command that runs one program finds the files that it has to
/// read. Reading all of them takes it longer than the run.
///
/// It holds no policy and no image. What it leads to is read from the files in force, and checked as ever.
struct CatalogIndex: Equatable {
    struct ImageEntry: Equatable {
        let name: String
        let language: String
        let aliases: [String]
        let extensions: [String]
    }

    struct PolicyEntry: Equatable {
        /// That of its file, too.
        let name: String
        let image: String?
        let ancestors: [String]
    }

    /// The lines of `CatalogSources` that it was made from.
    var sources: [String]
    var images: [ImageEntry]
    var policies: [PolicyEntry]

    /// - Returns: nil when there is an error anywhere: then every command shall read all.
    init?(_ sources: CatalogSources, _ images: ImageLibrary, _ policies: PolicySet) {
        guard images.diagnostics == nil, policies.diagnostics == nil, sources.isSettled,
            images.images.count == sources.images.count, policies.policies.count == sources.policies.count
        else { return nil }
        self.sources = sources.lines
        self.images = images.images.map {
            ImageEntry(name: $0.name, language: $0.language, aliases: $0.aliases, extensions: $0.extensions)
        }
        self.policies = policies.policies.values.sorted { $0.name < $1.name }.map {
            PolicyEntry(name: $0.name, image: $0.image, ancestors: $0.ancestors)
        }
        let fields =
            self.images.flatMap { [$0.name, $0.language] + $0.aliases + $0.extensions }
            + self.policies.flatMap { [$0.name, $0.image ?? ""] + $0.ancestors }
        guard fields.allSatisfy(Self.isField) else { return nil }
    }

    /// Whether a text can be part of a line.
    static func isField(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: ",") && $0 != 0x7f }
    }

    // MARK: - Text

    /// Another one whenever the lines mean something else.
    private static let head = "nestbox catalog index 1"
    private static let end = "end"

    /// The index as a file holds it: a line for each source, image and policy; fields are separated by tabs, lists by commas.
    var text: String {
        var lines = [Self.head]
        lines += sources.map { "source\t\($0)" }
        lines += images.map { image in
            ["image", image.name, image.language, list(image.aliases), list(image.extensions)].joined(separator: "\t")
        }
        lines += policies.map { policy in
            ["policy", policy.name, policy.image ?? "", list(policy.ancestors)].joined(separator: "\t")
        }
        return (lines + [Self.end, ""]).joined(separator: "\n")
    }

    private func list(_ names: [String]) -> String { names.joined(separator: ",") }

    /// - Returns: nil for every text that `text` would not give.
    init?(text: String) {
        sources = []
        images = []
        policies = []
        // Bytes: a text is looked through three times as fast as characters.
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for line in lines.dropFirst().dropLast(2) {
            let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
                .map { String(Substring($0)) }
            func list(_ index: Int) -> [String] {
                fields[index].utf8.split(separator: UInt8(ascii: ",")).map { String(Substring($0)) }
            }
            switch (fields[0], fields.count) {
            case ("source", 3): sources.append(fields[1] + "\t" + fields[2])
            case ("image", 5):
                images.append(
                    ImageEntry(name: fields[1], language: fields[2], aliases: list(3), extensions: list(4)))
            case ("policy", 4):
                policies.append(
                    PolicyEntry(name: fields[1], image: fields[2].isEmpty ? nil : fields[2], ancestors: list(3)))
            default: return nil
            }
        }
        guard self.text == text else { return nil }
    }
}
