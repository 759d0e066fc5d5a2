internal import ArgumentParser

struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Look at policies and find errors in them.",
        discussion: """
            Policies are those that Nestbox came with, and over them those of /etc/nestbox/policies: a file there replaces \
            the one of its name, and nothing else does.
            """,
        subcommands: [PolicyListCommand.self, PolicyCheckCommand.self, PolicyShowCommand.self])
}
