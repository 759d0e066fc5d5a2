internal import CgroupDiscovery
internal import Cgroups
internal import Confinement
internal import Glibc
internal import LinuxSystem
internal import SandboxSpec

/// The command line of nestbox-warden. Hand-written: no package may be linked here.
package enum WardenCommand {
    private static let usage = """
        usage: nestbox-warden --socket-fd N [--config FILE] [--image-root DIR]... [--init FILE] [--observe]
               nestbox-warden --keeper --socket-fd N [--config FILE] [--image-root DIR]... [--init FILE]
               nestbox-warden --sweep [--config FILE]

        The privileged half of Nestbox. It is started by nestbox or nestboxd over a connected SOCK_SEQPACKET socket,
        runs as root, serves that one client and ends with it.

          --socket-fd N     the socket
          --config FILE     what the warden allows (default: /etc/nestbox/warden.conf, if it is there)
          --image-root DIR  a directory below which image trees may lie; adds to image_roots of the configuration
          --init FILE       the zygote's executable (default: nestbox-init beside this one)
          --observe         let the client answer refused calls of sandboxes itself; not with --keeper
          --keeper          start wardens for a client that asks for them on the socket, one at a time
          --sweep           remove what wardens that were killed have left, and end
        """

    private struct Options {
        var socket: Int32?
        var configuration: String?
        var imageRoots: [String] = []
        var initPath: String?
        var sweep = false
        var parent: Int32?
        var keeper = false
        /// Never passed on to wardens of a keeper: their client is the service.
        var observe = false
        /// What wardens of a keeper are started with besides their sockets.
        var passedOn: [String] = []
    }

    private struct Failure: Error {
        let message: String
    }

    /// - Returns: the exit status: 0, 64 for a wrong command line, 1 when this machine or start is unfit.
    package static func run(_ arguments: [String]) -> Int32 {
        do throws(Failure) {
            let options = try parse(arguments.dropFirst())
            guard getuid() == 0, geteuid() == 0 else {
                throw Failure(
                    message: "must run as root: it writes the id maps and cgroups of sandboxes (uid is \(geteuid()))")
            }
            var configuration = try configuration(options)
            configuration.imageRoots += options.imageRoots
            configuration.mayObserve = options.observe
            if options.sweep { return try sweep(configuration) }
            if options.keeper { return try keep(options) }
            try serve(options, configuration)
            return 0
        } catch {
            logError(error.message)
            return error.message.hasPrefix("usage") ? 64 : 1
        }
    }

    private static func parse(_ arguments: ArraySlice<String>) throws(Failure) -> Options {
        var options = Options()
        var rest = arguments
        func value(_ option: String) throws(Failure) -> String {
            guard let value = rest.popFirst() else {
                throw Failure(message: "usage: \(option) needs a value\n\(usage)")
            }
            return value
        }
        while let option = rest.popFirst() {
            switch option {
            case "--socket-fd":
                let text = try value(option)
                guard let number = Int32(text), number >= 3 else {
                    throw Failure(message: "usage: --socket-fd is \(text), allowed is a number from 3\n\(usage)")
                }
                options.socket = number
            case "--config":
                options.configuration = try value(option)
                options.passedOn += [option, options.configuration ?? ""]
            case "--image-root":
                let path = try value(option)
                guard path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
                    throw Failure(message: "usage: --image-root is \(path), allowed is an absolute path without ..")
                }
                options.imageRoots.append(path)
                options.passedOn += [option, path]
            case "--init":
                options.initPath = try value(option)
                options.passedOn += [option, options.initPath ?? ""]
            // Of a keeper to its wardens only, and so not in the usage.
            case "--child-of":
                let text = try value(option)
                guard let number = Int32(text), number > 0 else {
                    throw Failure(message: "usage: --child-of is \(text), allowed is a process id\n\(usage)")
                }
                options.parent = number
            case "--sweep": options.sweep = true
            case "--keeper": options.keeper = true
            case "--observe": options.observe = true
            default: throw Failure(message: "usage: unknown option \(option)\n\(usage)")
            }
        }
        guard options.sweep || options.socket != nil else { throw Failure(message: usage) }
        guard !options.observe || !(options.keeper || options.sweep || options.parent != nil) else {
            throw Failure(message: "usage: --observe is for a warden of one client\n\(usage)")
        }
        return options
    }

    private static func configuration(_ options: Options) throws(Failure) -> WardenConfiguration {
        let path = options.configuration ?? "/etc/nestbox/warden.conf"
        do throws(any Error) {
            let file = try Files.open(path, flags: O_RDONLY | O_NOFOLLOW)
            let status = try Files.status(of: file.number)
            guard status.kind == .regular, status.owner == 0, status.permissions & 0o022 == 0 else {
                throw Failure(message: "\(path) must be a file of root that nobody else may write")
            }
            let text = String(decoding: try Files.read(file.number, limit: 65_536, name: path), as: UTF8.self)
            return try WardenConfiguration(parsing: text, file: path)
        } catch let error as SystemCallError {
            if error.errno == ENOENT && options.configuration == nil { return WardenConfiguration() }
            throw Failure(message: error.description)
        } catch let error as WardenConfigurationError {
            throw Failure(message: error.description)
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure(message: "\(error)")
        }
    }

    private static func sweep(_ configuration: WardenConfiguration) throws(Failure) -> Int32 {
        // No warden can have run where there are no cgroups.
        guard let host = CgroupReport.inspect().host else { return 0 }
        let result = CgroupSweep().run(host: host, configured: configuration.cgroupParent)
        logLeftovers(result)
        return result.failed.allSatisfy(\.isKnown) ? 0 : 1
    }

    /// Logs what dead wardens have left and what cannot be removed, once, in one line for all of it.
    static func logLeftovers(_ result: CgroupSweep.Result) {
        let failed = result.failed.filter { !$0.isKnown }
        guard let first = failed.first else { return }
        let others = failed.count == 1 ? "" : ", and \(failed.count - 1) more"
        logError("cannot remove what a dead warden has left: \(first)\(others)")
    }

    private static func keep(_ options: Options) throws(Failure) -> Int32 {
        guard let number = options.socket else { throw Failure(message: usage) }
        do throws(SystemCallError) {
            try closeOnExec(number)
            // What cannot be had here, `nestbox doctor` says.
            _ = MemoryKiller.lower(to: MemoryKiller.exempt)
            try hideProcess()
            ignoreBrokenPipes()
            var keeper = Keeper(
                socket: number, executable: try Files.readLink("/proc/self/exe"), arguments: options.passedOn)
            try keeper.run()
            return 0
        } catch {
            throw Failure(message: error.description)
        }
    }

    /// The zygote library beside this executable, copied into memory that no process can change.
    private static func zygoteLibrary(in directory: String) throws(SystemCallError) -> OwnedDescriptor? {
        let file: OwnedDescriptor
        do throws(SystemCallError) {
            file = try Files.open(directory + "/libnestbox-zygote.so", flags: O_RDONLY | O_NOFOLLOW)
        } catch {
            if error.errno == ENOENT { return nil }
            throw error
        }
        let bytes = try Files.read(file.number, limit: 16 << 20, name: "libnestbox-zygote.so")
        return try MemoryFile.sealed(bytes, name: "nestbox-zygote")
    }

    private static func serve(_ options: Options, _ configuration: WardenConfiguration) throws(Failure) {
        do throws(any Error) {
            // The zygotes and sandboxes must never hold this process's memory in a core file, nor be traced into it.
            guard let number = options.socket else { throw Failure(message: usage) }
            let socket = OwnedDescriptor(owning: number)
            try closeOnExec(number)
            if let parent = options.parent { try dieWithParent(parent) }
            // Events may pile up while the client is stopped or busy. Needs a capability that is about to go.
            growSendBuffer(number, bytes: 8_388_608)
            _ = MemoryKiller.lower(to: MemoryKiller.exempt)
            try WardenPrivileges.keepNeeded()
            try hideProcess()
            ignoreBrokenPipes()
            let own = try Files.readLink("/proc/self/exe")
            let directory = own.lastIndex(of: "/").map { String(own[..<$0]) } ?? ""
            let executable = try Files.open(
                options.initPath ?? directory + "/nestbox-init", flags: Files.pathOnly | O_NOFOLLOW)
            let library = try zygoteLibrary(in: directory)
            let warden: Warden
            do throws(StageFailure) {
                warden = try Warden(
                    configuration: configuration, socket: socket, executable: executable, library: library)
            } catch {
                throw Failure(message: "\(error) (\(errnoDescription(error.errno)))")
            }
            warden.run()
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure(message: "\(error)")
        }
    }

    /// Writes one line to stderr, for the process that started the warden.
    static func logError(_ message: String) {
        // To stderr in one write, so that lines of several processes do not mix.
        do throws(SystemCallError) { try Files.writeAll("nestbox-warden: \(message)\n", to: STDERR_FILENO) } catch {}
    }
}
