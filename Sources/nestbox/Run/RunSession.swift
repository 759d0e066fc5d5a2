internal import ArgumentParser
internal import Egress
internal import EgressRules
internal import Foundation
internal import Glibc
internal import Images
internal import LinuxSystem
internal import RunExecution
internal import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import SandboxSupply
internal import WardenClient

/// One `nestbox run`, or `nestbox policy trace`, from its options to its exit status.
struct RunSession {
    let options: RunOptions
    let directories: DirectoryOptions
    /// The step that is observed; nil of a run.
    var traced: TracedStep?

    /// - Returns: the exit status.
    /// - Throws: `CommandFailure` before a run exists; afterwards the run itself tells.
    func run() async throws -> Int32 {
        do {
            return try await prepareAndRun()
        } catch let error as APIError {
            throw CommandFailure(
                RunFields.translated(error).namingPlace, asJSON: options.json || options.events)
        } catch let error as ValidationError {
            throw CommandFailure(
                APIError(.invalidRequest, error.message), asJSON: options.json || options.events)
        }
    }

    private func prepareAndRun() async throws -> Int32 {
        let warden = WardenLauncher.Early(directories, mayObserve: traced != nil)
        let (plan, settings, input, directory): (RunPlan, RunSettings, RunInput, ArtifactDirectory?)
        do {
            (plan, settings, input) = try prepare()
            if traced != nil, observedStep(of: plan) == nil { throw Self.noSuchStep }
            directory = try options.output.map { path throws(APIError) in try ArtifactDirectory(path: path) }
        } catch {
            await warden.discard()
            throw error
        }
        let egress = plan.steps.contains { $0.egress != nil } ? try Self.egress() : nil
        let connection = try await warden.connection(roots: plan.steps.map(\.spec.root))

        let control = RunControl()
        let interruption = Interruption(control: control)
        try interruption.watch(resizes: options.tty)
        if options.tty { RawTerminal.enter() }
        let sink = sink(for: plan)
        let source = UnpooledSandboxes(source: WardenSandboxes(connection: connection))
        let observed = observedStep(of: plan).map { ObservedSandboxes(source, step: $0) }
        let outcome = await RunExecutor(source: observed ?? source, egress: egress).execute(
            plan, input: input, artifacts: directory, control: control, sink: sink)
        RawTerminal.restore()
        await connection.close()
        if !connection.remains.isEmpty { Console.complain(connection.remains) }
        if let signal = interruption.signal, outcome.verdict == .cancelled { return 128 + signal }
        if traced != nil { return try finish(observed, outcome, plan, settings) }
        if sink.lostReader { return 128 + SIGPIPE }
        return RunExit.status(of: outcome)
    }

    /// The way out, by the proxy of the environment if there is one: the service has a setting for it.
    private static func egress() throws -> EgressService {
        var settings = EgressService.Settings()
        if let text = ProcessInfo.processInfo.environment["NESTBOX_EGRESS_PROXY"], !text.isEmpty {
            guard let parent = ParentProxy(text) else {
                // There may be a password in it.
                throw ValidationError("NESTBOX_EGRESS_PROXY: found something else, allowed \(ParentProxy.form)")
            }
            settings.parent = parent
        }
        return EgressService(settings)
    }

    /// Reads what the request is made of, and plans it.
    private func prepare() throws -> (RunPlan, RunSettings, RunInput) {
        let catalog = try RequestCatalog(
            directories.found.places, language: try named(), file: options.file, policy: options.policy)
        let planner = catalog.planner
        let language = try options.language ?? planner.image(forFile: options.file).name
        var request = try options.request(language: language)
        request.network = try network()
        // How much may be read. Their errors are reported below, with all others.
        let settings = try? planner.settings(language: language, policy: options.policy, limits: request.limits)
        let terminal = options.tty ? RawTerminal.size ?? TerminalSize(rows: 24, columns: 80) : nil
        try options.readFiles(into: &request, disk: settings?.limits[.disk] ?? Self.unknownDisk)
        let input = try input()
        let (plan, held) = try plan(request, terminal, catalog)
        return (plan, held, input)
    }

    /// The language that was named; nil where the file's extension says it.
    private func named() throws -> String? {
        guard options.language != nil || options.file != "-" else {
            throw ValidationError("the source is read from stdin, so --language has to say what it is")
        }
        return options.language
    }

    /// An error is what the whole catalog says: it knows what there is instead.
    private func plan(
        _ request: RunRequest, _ terminal: TerminalSize?, _ catalog: RequestCatalog
    ) throws -> (RunPlan, RunSettings) {
        do throws(APIError) {
            return try plan(request, terminal, by: catalog.planner)
        } catch {
            return try plan(request, terminal, by: try catalog.whole().planner)
        }
    }

    private func plan(
        _ request: RunRequest, _ terminal: TerminalSize?, by planner: RunPlanner
    ) throws(APIError) -> (RunPlan, RunSettings) {
        let checked = try planner.check(request, terminal: terminal)
        return (try planner.bind(checked.run), checked.settings)
    }

    private func network() throws -> NetworkRequest? {
        if let name = options.network, NetworkAccess(name: name) == nil {
            throw ValidationError("--network: found \"\(name)\", allowed none, loopback or egress")
        }
        guard !options.egress.isEmpty else {
            return options.network.flatMap(NetworkAccess.init).map { NetworkRequest($0) }
        }
        if let name = options.network, name != NetworkAccess.egress.name {
            throw ValidationError("--egress: found with --network \(name), allowed with --network egress, or without")
        }
        guard options.egress.count <= NetworkRequest.maximumHosts else {
            throw ValidationError(
                "--egress: found \(options.egress.count), allowed at most \(NetworkRequest.maximumHosts)")
        }
        let hosts = try options.egress.map { text in
            guard let rule = EgressRule(text) else {
                throw ValidationError("--egress: found \"\(text)\", allowed \(EgressRule.form)")
            }
            return rule
        }
        return NetworkRequest(.egress, hosts: hosts)
    }

    /// Bytes of files that are read when it is not known what fits, because language, policy or limits are wrong.
    private static let unknownDisk: Int64 = 64 << 20

    private func input() throws -> RunInput {
        if let path = options.stdin { return .descriptor(try InputFiles.openInput(path)) }
        if options.file == "-" { return .empty }
        // A stdin that is closed is an empty one.
        let copy = fcntl(Console.input, F_DUPFD_CLOEXEC, 3)
        return copy < 0 ? .empty : .descriptor(SharedDescriptor(OwnedDescriptor(owning: copy)))
    }

    private func sink(for plan: RunPlan) -> any RunSink {
        if traced != nil { return TraceSink() }
        if options.json { return ResultSink(maximumBytes: plan.maximumOutputBytes) }
        if options.events { return EventLineSink() }
        return LiveSink(showsSummary: !options.quiet)
    }
}
