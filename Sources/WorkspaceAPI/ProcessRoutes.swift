internal import APIFormat
internal import HTTPInterface
internal import HTTPTypes
internal import NIOCore
internal import RunModel
internal import SandboxSpec
internal import ServerTransport
internal import StrictJSON
internal import WorkspaceModel
internal import WorkspaceService

/// Processes of a workspace: started, waited for, listed, driven, ended.
struct ProcessRoutes: Sendable {
    let services: WorkspaceAPIServices
    private var workspaces: WorkspaceService { services.workspaces }

    func execute(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let workspace = try request.workspace(workspaces)
        let reader = ObjectReader(try await request.object(limit: services.settings.maximumBody))
        let body = ExecBody(reader, time: services.settings.execTime)
        try reader.finish()
        let process = try await workspace.start(body.process, captures: body.delivery == .wait)
        switch body.delivery {
        case .detach: return Self.reply(process, status: 202).concerning(workspace)
        case .stream: return stream(process, from: 1, request, follows: true).concerning(workspace)
        case .wait: return try await wait(for: process, of: workspace, body, request).concerning(workspace)
        }
    }

    /// The outcome. A client that goes ends the process: nobody else waits for it.
    private func wait(
        for process: WorkspaceProcess, of workspace: Workspace, _ body: ExecBody, _ request: RouteRequest
    ) async throws -> Reply {
        let report = await request.presence.watching(onGone: {
            Task { try? await workspace.end(process) }
        }) { await process.ended() }
        let capture = process.takeCapture() ?? WorkspaceProcess.Capture.none
        try? await workspace.end(process)
        return .json(size: 1024 + capture.stdout.count + capture.stderr.count) { output in
            output.open()
            output.member("process_id", report.id)
            for (name, bytes, isCut) in [
                ("stdout", capture.stdout, capture.isStdoutCut), ("stderr", capture.stderr, capture.isStderrCut),
            ] {
                let text = OutputText(bytes).rendered
                output.member(name, text.data)
                output.member(name + "_encoding", text.encoding.rawValue)
                output.member(name + "_truncated", isCut)
            }
            output.member("execution_time", number: Double((report.endedAt ?? 0) - report.startedAt) / 1000)
            if let label = body.label { output.member("metrics", label) }
            report.writeEnd(to: &output, hasUsage: body.hasMetrics)
            output.close()
        }
    }

    func list(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        let workspace = try request.workspace(workspaces)
        return Reply.json { output in
            output.open()
            output.key("processes")
            output.array(workspace.processes.map(\.report)) { $1.write(to: &$0) }
            output.close()
        }.concerning(workspace)
    }

    func show(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        let (workspace, process) = try request.process(workspaces)
        return Self.reply(process).concerning(workspace)
    }

    private static func reply(_ process: WorkspaceProcess, status: Int = 200) -> Reply {
        .json(status: status) { process.report.write(to: &$0) }
    }

    func end(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let (workspace, process) = try request.process(workspaces)
        try request.refuseForeignPages()
        try await workspace.end(process)
        return Reply(status: .noContent).concerning(workspace)
    }

    func signal(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let (workspace, process) = try request.process(workspaces)
        let reader = ObjectReader(try await request.object(limit: 4096))
        let number = reader.signal()
        try reader.finish()
        try await workspace.signal(number ?? 15, process)
        return Self.reply(process).concerning(workspace)
    }

    func resize(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let (workspace, process) = try request.process(workspaces)
        let reader = ObjectReader(try await request.object(limit: 4096))
        let size = reader.terminalSize()
        try reader.finish()
        try await workspace.resize(size ?? TerminalSize(rows: 24, columns: 80), process)
        return Self.reply(process).concerning(workspace)
    }

    func restart(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let (workspace, process) = try request.process(workspaces)
        try ObjectReader(try await request.optionalObject(limit: 4096)).finish()
        return Self.reply(try await workspace.restart(process)).concerning(workspace)
    }

    /// The body, whatever its type, goes to its standard input.
    func input(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery(["end"])
        let (workspace, process) = try request.process(workspaces)
        let ends = try request.flag("end")
        try request.refuseForeignPages()
        let bytes = try await request.body(limit: ProcessRequest.maximumInputBytes)
        try await workspace.write(bytes, to: process, ends: ends)
        return Reply(status: .noContent).concerning(workspace)
    }

    /// Its log: what is kept, or that and what comes.
    func logs(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery(["from", "follow"])
        let (workspace, process) = try request.process(workspaces)
        let from = try request.firstEvent(default: 1)
        if try request.flag("follow") {
            return stream(process, from: from, request, follows: false).concerning(workspace)
        }
        let (first, entries) = process.log.kept
        let wanted = entries.enumerated().map { (first + Int64($0.offset), $0.element) }.filter { $0.0 >= from }
        return Reply.json(size: 1024 + process.log.bytes * 2) { output in
            output.open()
            output.key("log")
            output.array(wanted) { $1.1.write(to: &$0, number: $1.0) }
            output.member("first_seq", first)
            output.member("next_seq", first + Int64(entries.count))
            output.close()
        }.concerning(workspace)
    }

    /// - Parameter follows: the stream is the process's own: it ends with its end.
    private func stream(
        _ process: WorkspaceProcess, from: Int64, _ request: RouteRequest, follows: Bool
    ) -> Reply {
        let reader = LogReader(process.log, from: from)
        let isOver = StreamEnd()
        return EventStreamReply(
            presence: request.presence, streams: services.metrics.streams,
            next: { await Self.next(reader, isOver) }, gone: { reader.cancel() }
        ).reply
    }

    private static func next(
        _ reader: LogReader<ProcessLogEntry>, _ isOver: StreamEnd
    ) async -> EventStreamReply.Piece {
        if isOver.isReached { return .ended }
        var buffer = ByteBuffer()
        switch await reader.next() {
        case .ended: return .ended
        case .quiet: return .quiet
        case .lagged(let from, let to): buffer.appendLagged(from: from, to: to)
        case .entries(let first, let entries):
            for (index, entry) in entries.enumerated() {
                var output = JSONBytes(size: 256)
                entry.write(to: &output, number: first + Int64(index))
                EventStreamReply.append(entry.name, id: first + Int64(index), data: output.bytes, to: &buffer)
                if case .exit(let report) = entry, report.isOver {
                    isOver.reach()
                    break
                }
            }
        }
        return .messages(buffer)
    }
}
