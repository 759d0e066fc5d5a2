internal import ConfigurationFiles
internal import Examples
internal import Foundation
internal import Images
internal import JSONLogging
internal import LinuxSystem
internal import Logging
internal import Policies
internal import RuleGenerations
internal import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import ServerSettings
internal import WardenClient

/// The command line of `nestboxd`.
package enum DaemonCommand {
    /// The outcome of reading the command line.
    package enum StartupOutcome {
        /// The process exits with this status: 0 after help, 125 for wrong settings, 1 when the service cannot start.
        case exit(Int32)
        case serve(Daemon)
    }

    /// `nestbox serve` executes nestboxd and passes its own name.
    private static let name = CommandLine.arguments.first == ServerHelp.serveName ? ServerHelp.serveName : "nestboxd"

    /// Reads the settings, starts the keeper and gives up root.
    ///
    /// Synchronous; must be called before anything else in the process: rights belong to threads, and existing threads
    /// would keep them.
    ///
    /// - Parameter arguments: without the name of the program.
    package static func prepare(arguments: [String]) -> StartupOutcome {
        if arguments.contains("--help") || arguments.contains("-h") {
            print(ServerHelp.text(name: name))
            return .exit(0)
        }
        if arguments == ["--version"] {
            print("\(name) \(Installation.version)")
            return .exit(0)
        }
        let environment = ProcessInfo.processInfo.environment
        var settings: ServerSettings
        let start: DaemonStart
        do {
            start = try DaemonStart(arguments: arguments, environment: environment)
            settings = try ServerSettings(
                arguments: start.arguments, environment: environment, paths: Installation.paths)
            try start.apply(to: &settings)
        } catch let error as SettingsError {
            for line in error.diagnostics { complain(line) }
            return .exit(125)
        } catch {
            complain("\(error)")
            return .exit(125)
        }
        let level = Logger.Level(settings.log.level)
        let format = LineLogHandler.Format(settings.log.format)
        let logger = Logger(label: name) { LineLogHandler(label: $0, level: level, format: format) }
        for note in settings.notes { logger.warning("\(note)") }
        do {
            if start.sockets.isEmpty {
                try ListenAddress(host: settings.listen.address.host, port: settings.listen.address.port).check()
            } else {
                logger.notice(
                    "listens on sockets that it was given",
                    metadata: ["addresses": "\(start.sockets.addresses.map(\.text).joined(separator: " "))"])
            }
            // As many descriptors as possible: each connection needs one, each run several.
            let plan = try DescriptorPlan(
                limit: try raiseDescriptorLimit(), connections: settings.limits.connections,
                runs: settings.limits.running, sandboxes: settings.limits.parkedSandboxes,
                sessions: settings.limits.sessions, workspaces: settings.limits.workspaces,
                egress: settings.limits.egressConnections)
            if let note = plan.note { logger.warning("\(note)") }
            let files = ConfigurationSnapshot.read(
                images: settings.paths.imageDirectories, policies: settings.paths.policyDirectories)
            let catalog = try RunCatalog(
                images: settings.paths.imageDirectories, policies: settings.paths.policyDirectories,
                store: ImageStore(state: settings.paths.state))
            tell(catalog.content, logger)
            let examples = ExampleCatalog(directories: settings.paths.exampleDirectories)
            // Examples of languages that this machine does not have are no errors, as policies for them are none.
            if let errors = examples.library.diagnostics {
                for line in errors.description.split(separator: "\n") {
                    logger.error("error in an example", metadata: ["reason": "\(line)"])
                }
            }
            if let problem = examples.problem {
                logger.error("examples cannot be read", metadata: ["reason": "\(problem)"])
            }
            // While the process has the right to do it. Not exempted completely, in case nestboxd itself uses up the memory.
            let score = MemoryKiller.lower(to: MemoryKiller.last)
            if score > MemoryKiller.last {
                logger.notice(
                    "out of memory, the kernel may end this service before a program: CAP_SYS_RESOURCE is missing",
                    metadata: ["oom_score_adj": .stringConvertible(score)])
            }
            let messages = try WardenMessages()
            let source = try wardens(settings, catalog, messages)
            if Identity.isRoot {
                Identity.give(
                    GenerationHistory(state: settings.paths.state).directory, to: settings.access.user, logger)
                Identity.give(
                    "\(settings.paths.state)/\(TenantJournal.directory)", to: settings.access.user, logger)
                if settings.paths.sessions != "off" {
                    Identity.give(settings.paths.sessions, to: settings.access.user, logger, mode: 0o700)
                }
                if settings.paths.workspaces != "off" {
                    Identity.give(settings.paths.workspaces, to: settings.access.user, logger, mode: 0o700)
                }
                try Identity.become(settings.access.user)
                // Root has read these files; a reload will run as the user.
                for path in catalog.unreadable {
                    logger.error(
                        "a file of policies or images cannot be read by the user of the service; a reload will fail",
                        metadata: ["path": "\(path)", "user": "\(settings.access.user)"])
                }
            } else {
                try Identity.harden()
            }
            try messages.start(logger)
            // As the user: a file that cannot be opened again later is an error now.
            let access = try AccessLog(settings.log.requests, level: level, format: format)
            let traces = try Traces(settings.traces, logger: logger)
            // Now: only what the other one has to let go of first is left to open. Whoever connects meanwhile waits.
            try start.replaced?.leave()
            let audit = try AuditJournal(settings.log, wait: start.sockets.isEmpty ? 0 : 10, logger: logger)
            return .serve(
                Daemon(
                    settings: settings, catalog: catalog, examples: examples, warden: source,
                    connections: plan.connections, logger: logger, access: access, audit: audit, traces: traces,
                    files: files, sockets: start.sockets, manager: start.manager))
        } catch {
            complain("\(error)", to: logger, format)
            return .exit(1)
        }
    }

    /// Serves until a signal stops it.
    ///
    /// - Returns: the exit status: 0 after an orderly stop, 1 when it could not start or continue.
    package static func serve(_ daemon: Daemon) async -> Int32 {
        do {
            try await daemon.run { url in
                print("\(name) listens on \(url)")
                // A parent may read this from a pipe and wait for it.
                fflush(nil)
            }
            return 0
        } catch {
            complain("\(error)", to: daemon.logger, daemon.logFormat)
            return 1
        }
    }

    /// Root starts a keeper; any other user needs a warden's socket as a descriptor.
    private static func wardens(
        _ settings: ServerSettings, _ catalog: RunCatalog, _ messages: WardenMessages
    ) throws -> Daemon.WardenSource {
        let environment = ProcessInfo.processInfo.environment
        if let text = environment["NESTBOX_WARDEN_FD"], let number = Int32(text), number > 2 {
            try closeOnExec(number)
            return .socket(SharedDescriptor(OwnedDescriptor(owning: number)))
        }
        if let path = environment["NESTBOX_KEEPER"], !path.isEmpty {
            return .keeper(try WardenKeeper(connectingTo: path))
        }
        guard Identity.isRoot else {
            throw APIError(
                .permissionDenied,
                "sandboxes are made by nestbox-warden, which needs root: start this as root (it becomes user "
                    + "\(settings.access.user) immediately), name the socket where a keeper of wardens is reached in "
                    + "$NESTBOX_KEEPER, as the systemd units do, or hand over the socket of a warden as descriptor "
                    + "$NESTBOX_WARDEN_FD")
        }
        guard case .success(let executable) = Installation.warden() else {
            throw APIError(
                .wardenUnavailable, "nestbox-warden is missing or not executable beside \(Installation.executable)")
        }
        let roots = catalog.store.rootsDirectory
        try FileManager.default.createDirectory(atPath: roots, withIntermediateDirectories: true)
        var directories = [roots]
        for image in catalog.content.images.images {
            // The operator's own roots are elsewhere; a missing one is reported when it is used.
            guard case .tree(let path)? = try? catalog.store.resolve(image), !path.hasPrefix(roots + "/") else {
                continue
            }
            if !directories.contains(path) { directories.append(path) }
        }
        return .keeper(
            try WardenKeeper(
                executable: executable, arguments: directories.flatMap { ["--image-root", $0] },
                standardError: messages.writerNumber))
    }

    /// Logs a record where the log is in JSON; plain text for a person at a terminal.
    private static func complain(_ text: String, to logger: Logger, _ format: LineLogHandler.Format) {
        if format == .text || isatty(STDERR_FILENO) == 1 {
            complain(text)
        } else {
            logger.critical("\(text)")
        }
    }

    private static func complain(_ text: String) {
        LineLogHandler.writeToStandardError(Array("\(name): \(text)\n".utf8))
    }

    /// Logs the errors of policies and images, and which of them are disabled.
    private static func tell(_ content: RunCatalog.Content, _ logger: Logger) {
        for line in content.errors {
            logger.error("error in a configuration file", metadata: ["reason": "\(line)"])
        }
        for (kind, names) in [("policy", content.policies.broken.keys), ("image", content.images.broken.keys)] {
            for name in names.sorted() {
                logger.error("disabled by errors", metadata: ["kind": "\(kind)", "name": "\(name)"])
            }
        }
    }
}
