internal import ArgumentParser
internal import ConfigurationFiles
internal import Images
internal import Policies
internal import RunModel

struct ImageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image", abstract: "List, show, build, check and remove images.",
        subcommands: [
            ImageListCommand.self, ImageShowCommand.self, ImageBuildCommand.self, ImageCheckCommand.self,
            ImageRemoveCommand.self,
        ])
}

/// Which images a command is about.
struct ImageSelection: ParsableArguments {
    @Argument(
        help: ArgumentHelp("Images, by name or alias.", valueName: "name"),
        completion: .custom { _, _, _ in Completions.images() })
    var names: [String] = []

    @Flag(help: "All images.")
    var all = false

    func validate() throws {
        if names.isEmpty && !all { throw ValidationError("name images, or say --all") }
        if !names.isEmpty && all { throw ValidationError("--all and names exclude each other") }
    }

    /// Whether some of what was asked for cannot be done, because errors in descriptions have disabled it. Told here, too.
    func isBroken(in library: ImageLibrary) -> Bool {
        guard all, let diagnostics = library.diagnostics else { return false }
        Console.complain(diagnostics.description)
        Console.complain("left out because of errors: \(library.broken.keys.sorted().joined(separator: ", "))")
        return true
    }

    func images(in library: ImageLibrary) throws(APIError) -> [Image] {
        if all { return library.images }
        var found: [Image] = []
        for name in names {
            do {
                let image = try library.image(named: name)
                if !found.contains(image) { found.append(image) }
            } catch {
                let code: APIError.Code = error.code == .brokenDescription ? .invalidImage : .unknownLanguage
                throw APIError(code, error.message, details: ["image": name]).namingPlace
            }
        }
        return found
    }
}
