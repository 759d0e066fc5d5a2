internal import ArgumentParser
internal import ConfigurationFiles
internal import Examples
internal import Images
internal import RunModel
internal import RunPlanning
internal import ServerSettings

struct ExampleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "example", abstract: "Look at the examples, find errors in them, run them.",
        discussion: """
            Examples are those that Nestbox came with, and over them those of /etc/nestbox/examples: a directory there replaces \
            the one of its language and name.
            """,
        subcommands: [
            ExampleListCommand.self, ExampleShowCommand.self, ExampleCheckCommand.self, ExampleRunCommand.self,
        ])
}

extension ExampleLibrary {
    /// The examples of this machine.
    ///
    /// - Throws: what makes unknown which there are.
    static func load(_ directories: DirectorySettings) throws(APIError) -> ExampleLibrary {
        do {
            return try ExampleLibrary.usable(directories: directories.examples)
        } catch {
            throw APIError(.invalidRequest, error.description)
        }
    }

    /// The example of this id, with errors that help: near ids, or what is wrong with it.
    func found(_ id: String) throws(APIError) -> Example {
        if let example = example(id) { return example }
        let name = ConfigurationDiagnostic.quote(id)
        if let error = broken.first(where: { $0.key.replacing("/", with: "-") == id || $0.key == id })?.value {
            throw APIError(.invalidRequest, "example \(name) has errors: \(error)")
        }
        let near = Suggestion.hint(for: id, among: examples.map(\.id)).map { "; \($0)" } ?? ""
        throw APIError(.notFound, "there is no example \(name)\(near); 'nestbox example list' has all")
    }
}
