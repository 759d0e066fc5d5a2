internal import Glibc
internal import Warden

exit(WardenCommand.run(CommandLine.arguments))
