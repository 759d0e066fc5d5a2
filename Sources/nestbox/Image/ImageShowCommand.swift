internal import ArgumentParser
internal import Images
internal import RunModel
internal import SandboxSpec
internal import ServerSettings

struct ImageShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show images as they are: commands, versions, what is warm, what is checked.",
        discussion: """
            The commands are those for a program that is called as usual; 'options' is what requests may add to the compiler's.

            EXAMPLES
              nestbox image show python
              nestbox image show --all --json | jq '.[].run'
            """)

    @OptionGroup var directories: ImageDirectoryOptions
    @OptionGroup var selection: ImageSelection

    @Flag(help: "Print a JSON array.")
    var json = false

    mutating func run() async throws {
        do throws(APIError) {
            let store = ImageStore(state: directories.found.state)
            let library = try Catalog.images(directories.found)
            let images = try selection.images(in: library).map {
                ShownImage($0, store.status(of: $0), replacing: library.replaced[$0.directory])
            }
            if json { return try Output.json(images) }
            for (number, image) in images.enumerated() {
                if number > 0 { Console.say("") }
                for (name, value) in image.lines where !value.isEmpty {
                    Console.say(Table.padded(name, 10) + " " + value)
                }
            }
        } catch {
            throw CommandFailure(error, asJSON: json)
        }
    }
}

/// An image with nothing left to look up.
private struct ShownImage: Encodable {
    struct Compile: Encodable {
        let run: [String]
        let options: [String]
        let produces: [String]
        let boot: String?
    }

    struct Warm: Encodable {
        let mode: String
        let script: String?
        let preload: [String]
    }

    struct Check: Encodable {
        let code: String
        let stdin: String
        let stdout: String
    }

    let name: String
    let language: String
    let version: String?
    let aliases: [String]
    let description: String
    let extensions: [String]
    let editor: String?
    let file: String
    let choosesMain: Bool
    let compile: Compile?
    let run: [String]
    let env: [String]
    let syntax: [String]?
    let warm: Warm
    let artifacts: [String]
    let check: Check
    let root: String
    let state: String
    let digest: String?
    let bytes: Int64?
    let path: String?
    let from: String
    let replaces: String?

    private enum CodingKeys: String, CodingKey {
        case name, language, version, aliases, description, extensions, editor, file
        case choosesMain = "chooses_main"
        case compile, run, env, syntax, warm, artifacts, check, root, state, digest, bytes, path, from, replaces
    }

    init(_ image: Image, _ status: ImageStatus, replacing other: String?) {
        from = image.directory
        replaces = other
        name = image.name
        language = image.language
        version = status.version
        aliases = image.aliases
        description = image.description
        extensions = image.extensions
        editor = image.editor
        file = image.file.description
        choosesMain = image.takesMain
        compile = image.compile.map {
            Compile(
                run: $0.run.command(for: image.program), options: $0.options, produces: $0.produces, boot: $0.warmScript
            )
        }
        run = image.run.command(for: image.program)
        env = image.environment + image.live.environment
        syntax = image.syntax?.run.command(for: image.program)
        warm = Warm(mode: image.warm.mode.rawValue, script: image.warm.script, preload: image.warm.preload)
        artifacts = image.artifacts
        check = Check(code: image.check.code, stdin: image.check.stdin, stdout: image.check.stdout)
        root = status.rootKind
        state = status.state.word
        digest = status.digest.map { "\($0)" }
        bytes = status.bytes
        path = status.path
    }

    /// For people: a name and a value each; those without a value are left out.
    var lines: [(String, String)] {
        [
            ("name", name), ("about", description), ("from", from), ("replaces", replaces ?? ""),
            (
                "language",
                language == name && version == nil ? "" : [language, version].compactMap(\.self).joined(separator: " ")
            ),
            ("aliases", aliases.joined(separator: ", ")), ("extensions", extensions.joined(separator: ", ")),
            ("file", file + (choosesMain ? ", or another one by --main" : "")),
            ("root", [root, state, bytes.map(Summary.bytes), digest].compactMap(\.self).joined(separator: ", ")),
            ("compile", Self.shown(compile?.run ?? [])), ("options", Self.shown(compile?.options ?? [])),
            ("produces", Self.shown(compile?.produces ?? [])), ("run", Self.shown(run)), ("env", Self.shown(env)),
            ("syntax", Self.shown(syntax ?? [])),
            ("warm", ([warm.mode] + warm.preload).joined(separator: " ")), ("artifacts", Self.shown(artifacts)),
        ]
    }

    /// Words as a shell would take them.
    private static func shown(_ words: [String]) -> String {
        words.map { word in
            let isPlain =
                !word.isEmpty
                && word.unicodeScalars.allSatisfy {
                    $0.properties.isAlphabetic || "0123456789-_=+./:,@%".unicodeScalars.contains($0)
                }
            let text = word.unicodeScalars.map { $0.escaped(asASCII: false) }.joined()
            return isPlain ? text : "'\(text)'"
        }.joined(separator: " ")
    }
}
