internal import ArgumentParser

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a program in a sandbox.",
        usage: "nestbox run [options] FILE [-- ARGS...]",
        discussion: """
            The language comes from the extension of FILE, or from --language; with FILE '-' the source is read from \
            stdin. Stdin, stdout and stderr are the program's, byte for byte, as it writes them. Ctrl-C cancels the \
            run; a second Ctrl-C ends it immediately.

            A line on stderr says how it ended: verdict, times, peak memory, how warm the sandbox was.

            EXIT STATUS
              the program's own   when it ended by itself
              128+n               when signal n ended it; 130 after Ctrl-C
              124                 when it came up against a limit
              126                 when it did not compile
              125                 when Nestbox failed, or the request was wrong
              'nestbox help exit-status' has the table of all commands.

            EXAMPLES
              nestbox run hello.py
              nestbox run prog.c -- first second
              nestbox run --stdin in.txt --limit cpu=500ms --limit memory=64MiB sort.js
              nestbox run --file data/in.csv=./in.csv read.py
              nestbox run --artifacts 'out/**' --output ./results plot.py
              nestbox run --tty --language bash shell.sh
              nestbox run --events hello.py | jq -c .type
              nestbox run --server http://localhost:8080 hello.py
            """)

    @OptionGroup var options: RunOptions
    @OptionGroup var directories: DirectoryOptions

    mutating func run() async throws {
        if let server = options.server {
            Console.exit(try await RemoteSession(options: options, directories: directories, server: server).run())
        }
        let status = try await RunSession(options: options, directories: directories).run()
        Console.exit(status)
    }
}
