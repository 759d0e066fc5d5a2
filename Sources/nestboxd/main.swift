internal import Daemon
internal import Glibc

signal(SIGPIPE, SIG_IGN)
exit(await DaemonCommand.run(name: "nestboxd", arguments: Array(CommandLine.arguments.dropFirst())))
