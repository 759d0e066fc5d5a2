internal import ConfigurationFiles
internal import Examples
internal import Foundation
internal import RunModel
internal import SandboxSpec
internal import StrictJSON
internal import WorkspaceModel

/// The body of `POST /api/v1/workspaces`.
struct WorkspaceBody: Sendable, Equatable {
    var request: WorkspaceRequest
    var starts: Bool

    /// - Parameters:
    ///   - reader: gets the errors.
    ///   - image: of those that name none.
    ///   - example: finds an example by its id.
    init(_ reader: ObjectReader, image: String, example: (String) -> Example?) {
        let named = reader.string("image", maximumBytes: 64)
        let template = reader.string("template", maximumBytes: 64)
        let found = template.flatMap(example)
        if let template, found == nil {
            reader.complain("template", "is \"\(ObjectReader.shown(template))\", expected is the id of an example")
        }
        request = WorkspaceRequest(image: named ?? found?.language ?? image)
        if let policy = reader.string("policy", maximumBytes: 64) { request.policy = policy }
        request.name = reader.string("name", maximumBytes: WorkspaceRequest.maximumNameBytes)
        request.tags = reader.tags(maximum: WorkspaceRequest.maximumTags)
        request.environment = reader.environment()
        request.limits = reader.quantities("limits")
        request.network = reader.network()
        request.ttl = reader.quantity("ttl")
        request.idle = reader.quantity("idle")
        starts = reader.bool("start") ?? true
        let files = reader.objects("files", maximum: WorkspaceRequest.maximumFiles) { reader, _ in reader.file() }
        request.files = (found?.files ?? []).map { RunRequest.File(path: $0.path, content: Array($0.text.utf8)) }
        for file in files ?? [] {
            request.files.removeAll { $0.path == file.path }
            request.files.append(file)
        }
        for name in ["dependencies", "root"] where reader.value(name) != nil {
            reader.complain(name, "is given, and this service has none")
        }
    }
}

/// The body of `POST …/exec`.
struct ExecBody: Sendable, Equatable {
    /// How a request is answered.
    enum Delivery: Sendable {
        /// With the outcome, when the process has ended.
        case wait
        /// With what happens, as it happens.
        case stream
        /// At once.
        case detach
    }

    var process: ProcessRequest
    var delivery = Delivery.wait
    /// Whether the answer has what the process used.
    var hasMetrics = true
    /// What the client calls this; comes back with the answer.
    var label: String?

    /// - Parameters:
    ///   - reader: gets the errors.
    ///   - time: nanoseconds that a process may take whose end is waited for, where the request says nothing.
    init(_ reader: ObjectReader, time: Int64) {
        switch reader.value("command") {
        case .string(let line)?: process = ProcessRequest(command: line)
        case .array?: process = ProcessRequest(arguments: reader.strings("command") ?? [])
        case nil:
            reader.complain("command", "is missing, expected is a string or a list of strings")
            process = ProcessRequest(arguments: [])
        case let other?:
            reader.complain("command", "is \(other.typeName), expected is a string or a list of strings")
            process = ProcessRequest(arguments: [])
        }
        process.directory = reader.directory()
        process.environment = reader.environment()
        process.input = Array((reader.string("stdin", maximumBytes: ProcessRequest.maximumInputBytes) ?? "").utf8)
        let (detaches, streams) = (reader.bool("detached") ?? false, reader.bool("stream") ?? false)
        if detaches, streams { reader.complain("stream", "is true, and so is detached: allowed is one of them") }
        delivery = streams ? .stream : detaches ? .detach : .wait
        process.timeout = reader.duration("timeout", in: ProcessRequest.timeoutRange) ?? (detaches ? nil : time)
        process.name = reader.string("name", maximumBytes: 64)
        if let name = process.name, !ProcessRequest.isName(name) {
            reader.complain(
                "name", "is \"\(ObjectReader.shown(name))\", expected is \(ProcessRequest.allowedName)")
        }
        process.restart = reader.choice("restart") ?? .never
        if process.restart != .never, !detaches {
            reader.complain("restart", "is \(process.restart.rawValue), expected is never unless detached is true")
        }
        process.terminal = reader.terminal("tty")
        process.keepsInputOpen = reader.bool("keep_stdin") ?? (delivery != .wait)
        switch reader.value("metrics") {
        case nil: break
        case .bool(let value)?: hasMetrics = value
        case .string(let text)? where text.utf8.count <= 256: label = text
        case let other?: reader.complain("metrics", "is \(other.typeName), expected is a boolean or a short string")
        }
    }
}

extension ObjectReader {
    func environment() -> [String: String] {
        dictionary("env", "a string") { if case .string(let text) = $0 { text } else { nil } } ?? [:]
    }

    /// A file with its content.
    fileprivate func file() -> RunRequest.File? {
        enum Encoding: String, CaseIterable { case utf8, base64 }
        let path = string("path", required: true, maximumBytes: BoxPath.maximumBytes)
        let text = string("content", required: true)
        let encoding: Encoding = choice("encoding") ?? .utf8
        let isExecutable = bool("executable") ?? false
        guard let path, let text else { return nil }
        guard encoding == .base64 else {
            return RunRequest.File(path: path, content: Array(text.utf8), executable: isExecutable)
        }
        guard let content = OutputText(data: text, encoding: .base64)?.bytes else {
            complain("content", "is no base64")
            return nil
        }
        return RunRequest.File(path: path, content: content, executable: isExecutable)
    }

    /// A folder below /box; nil for /box itself.
    fileprivate func directory() -> BoxPath? {
        guard let text = string("cwd", maximumBytes: BoxPath.maximumBytes), text != "/box", text != "/box/", text != "."
        else { return nil }
        do throws(InvalidBoxPath) {
            return try BoxPath(text.hasPrefix("/box/") ? String(text.dropFirst(5)) : text)
        } catch {
            complain("cwd", "is \"\(Self.shown(text))\", a path that \(error.reason)")
            return nil
        }
    }

    /// A text with its unit, in nanoseconds.
    func duration(_ name: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let text = quantity(name) else { return nil }
        do throws(InvalidQuantity) {
            return try Quantity.parse(text, as: .duration, in: range)
        } catch {
            complain(name, "found \(error.found), allowed \(error.allowed)")
            return nil
        }
    }

    /// The size of a terminal; `true` is one of 24 rows and 80 columns.
    func terminal(_ name: String) -> TerminalSize? {
        switch value(name) {
        case nil, .bool(false)?: return nil
        case .bool(true)?: return TerminalSize(rows: 24, columns: 80)
        case .object(let object)?: return nested(name, object) { $0.terminalSize() }
        case let other?:
            complain(name, "is \(other.typeName), expected is an object with rows and columns")
            return nil
        }
    }

    func terminalSize() -> TerminalSize? {
        let rows = integer("rows", in: 1...10_000, required: true)
        let columns = integer("columns", in: 1...10_000, required: true)
        guard let rows, let columns else { return nil }
        return TerminalSize(rows: UInt16(rows), columns: UInt16(columns))
    }

    /// A signal by its name or number.
    func signal() -> UInt8? {
        switch value("signal") {
        case .string(let text)?: if let number = SignalName.number(named: text) { return number }
        case .number(let number)?:
            if let whole = number.whole, (1...64).contains(whole) { return UInt8(whole) }
        default: break
        }
        complain("signal", "is missing or unknown, expected is \(SignalName.allowed)")
        return nil
    }
}
