internal import ArgumentParser

@main
struct NestboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nestbox",
        abstract: "Runs other people's code: safely, at once, and with every byte of output as it is written.",
        discussion: """
            Each run gets a sandbox of its own: namespaces, cgroup limits, a system call filter, no capabilities. It \
            ends in one verdict, and nothing of it is left.

            EXAMPLES
              nestbox run hello.py
              echo 21 | nestbox run double.c -- --verbose
              nestbox run --limit cpu=500ms --limit memory=64MiB loop.js
              nestbox run --json prog.cpp | jq .verdict
              nestbox doctor

            See 'nestbox help run' for the exit status of a run.
            """,
        subcommands: [
            RunCommand.self, DoctorCommand.self, PolicyCommand.self, ImageCommand.self, ServeCommand.self,
            KeyCommand.self, ConfigCommand.self, PoolCommand.self, BenchCommand.self,
        ])

    static func main() async {
        // A reader that went away is an error of write(2) here, not the end of the process.
        Signals.ignoreBrokenPipes()
        if CommandLine.arguments.dropFirst() == [NamespaceProbe.argument] { NamespaceProbe.runAsChild() }
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
