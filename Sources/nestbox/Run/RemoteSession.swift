internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Images
internal import LinuxSystem
internal import NestboxClient
internal import RunExecution
internal import RunModel
internal import RunPlanning
internal import SandboxSpec

/// One `nestbox run --server URL`: the program runs elsewhere, everything else is as here.
struct RemoteSession {
    /// Files are read before the service is asked what fits; it says no to more than this anyway.
    private static let maximumBytes: Int64 = 64 << 20

    let options: RunOptions
    let directories: DirectoryOptions
    let server: String

    func run() async throws -> Int32 {
        do {
            return try await runRemotely()
        } catch let error as APIError {
            throw CommandFailure(error, asJSON: options.json || options.events)
        } catch let error as NestboxError {
            let translated = APIError(
                APIError.Code(rawValue: error.code), error.message, retryable: error.retryable, details: error.details)
            throw CommandFailure(
                RunFields.translated(translated),
                asJSON: options.json || options.events)
        }
    }

    private func runRemotely() async throws -> Int32 {
        guard !options.tty, options.output == nil else {
            throw APIError(
                .invalidRequest, "--tty and --output are for programs that run here; leave them out with --server")
        }
        let program = try program()
        let key = ProcessInfo.processInfo.environment["NESTBOX_KEY"].flatMap { $0.isEmpty ? nil : $0 }
        let client = try NestboxClient(server, key: key)
        let (commands, send) = AsyncStream.makeStream(of: NestboxControl.self)
        let control = RunControl()
        let interruption = Interruption(control: control) { send.yield(.cancel) }
        try interruption.watch(resizes: false)
        if program.stdin == nil { try forwardInput(send) }
        let sink = sink
        let outcome = try await client.follow(program, commands: commands) { event in sink.receive(event) }
        send.finish()
        if let signal = interruption.signal, outcome.verdict == .cancelled { return 128 + signal }
        if sink.lostReader { return 128 + SIGPIPE }
        return RunExit.status(of: outcome)
    }

    private var sink: any RunSink {
        if options.json { return ResultSink(maximumBytes: Int(Self.maximumBytes)) }
        if options.events { return EventLineSink() }
        return LiveSink(showsSummary: !options.quiet)
    }

    private func program() throws -> NestboxProgram {
        var request = try options.request(language: try language())
        request.artifacts = []
        try options.readFiles(into: &request, disk: Self.maximumBytes)
        guard var program = NestboxProgram(request) else {
            throw APIError(.invalidRequest, "the source is not UTF-8, which the API needs")
        }
        // As it was typed: the service says which there are.
        program.network = options.network
        program.egress = options.egress.isEmpty ? nil : options.egress
        if options.noCache { program.cache = CacheUse.off.rawValue }
        // The source was on stdin: nothing is left there.
        if options.file == "-", options.stdin == nil { program.stdin = "" }
        return program
    }

    /// As named, or by the extension, which this machine's images know.
    private func language() throws -> String {
        if let language = options.language { return language }
        guard options.file != "-" else {
            throw ValidationError("the source is read from stdin, so --language has to say what it is")
        }
        return try RequestCatalog(directories.found.places, language: nil, file: options.file, policy: nil)
            .planner.image(forFile: options.file).name
    }

    /// Sends what is typed, or what a file holds, and its end.
    private func forwardInput(_ send: AsyncStream<NestboxControl>.Continuation) throws {
        let source = try options.stdin.map { try InputFiles.openInput($0) }
        try DetachedThread.start {
            let number = source?.number ?? Console.input
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(number, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                send.yield(.input(Array(buffer.prefix(count))))
            }
            send.yield(.endOfInput)
            source?.close()
        }
    }
}
