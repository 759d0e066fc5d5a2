internal import Daemon
internal import Glibc

signal(SIGPIPE, SIG_IGN)
// Rights first, threads afterwards.
switch DaemonCommand.prepare(arguments: Array(CommandLine.arguments.dropFirst())) {
case .exit(let status): exit(status)
case .serve(let daemon): exit(await DaemonCommand.serve(daemon))
}
