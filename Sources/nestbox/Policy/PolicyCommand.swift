internal import ArgumentParser

struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Look at policies and find mistakes in them.",
        subcommands: [PolicyCheckCommand.self, PolicyShowCommand.self])
}
