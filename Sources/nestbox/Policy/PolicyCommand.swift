internal import ArgumentParser

struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Look at policies, find errors in them, change them while the service runs.",
        discussion: """
            Policies are those that Nestbox came with, and over them those of /etc/nestbox/policies: a file there replaces \
            the one of its name, and nothing else does.
            """,
        subcommands: [
            PolicyListCommand.self, PolicyCheckCommand.self, PolicyShowCommand.self, PolicyDiffCommand.self,
            PolicyApplyCommand.self, PolicyStatusCommand.self, PolicyHistoryCommand.self, PolicyRollbackCommand.self,
            PolicyExplainCommand.self, PolicyTraceCommand.self,
        ])
}
