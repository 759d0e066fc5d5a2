internal import ArgumentParser
internal import RunModel
internal import ServerSettings

@main
struct NestboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nestbox",
        abstract: "Runs other people's code: safely, immediately, and with every byte of output as it is written.",
        discussion: """
            Each run gets a sandbox of its own: namespaces, cgroup limits, a system call filter, no capabilities. It \
            ends in one verdict, and nothing of it is left.

            EXAMPLES
              nestbox run hello.py
              echo 21 | nestbox run double.c -- --verbose
              nestbox run --limit cpu=500ms --limit memory=64MiB loop.js
              nestbox run --json prog.cpp | jq .verdict
              nestbox doctor

            'nestbox help exit-status' has the exit statuses of all commands.
            """,
        version: "nestbox \(Installation.version)",
        subcommands: [
            RunCommand.self, DoctorCommand.self, PolicyCommand.self, TenantCommand.self, ImageCommand.self,
            ExampleCommand.self,
            ServeCommand.self, WorkspaceCommand.self,
            KeyCommand.self, ConfigCommand.self, PoolCommand.self, ReplCommand.self, AuditCommand.self, TopCommand.self,
            BenchCommand.self,
            ManualCommand.self,
        ])

    static func main() async {
        // A reader that went away is an error of write(2) here, not the end of the process.
        Signals.ignoreBrokenPipes()
        if CommandLine.arguments.dropFirst() == [NamespaceProbe.argument] { NamespaceProbe.runAsChild() }
        if CommandLine.arguments.dropFirst() == ["help", "exit-status"] {
            Console.say(ExitTable.text)
            Console.exit(ExitTable.done)
        }
        if let words = CommandLineError.ofHelp(Array(CommandLine.arguments.dropFirst())) {
            CommandFailure(APIError(.invalidRequest, words)).report()
            Console.exit(ExitTable.failed)
        }
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            failure.report()
            Console.exit(failure.status)
        } catch {
            CommandFailure.exitAfterParsing(error)
        }
    }
}
