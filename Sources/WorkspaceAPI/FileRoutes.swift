internal import APIFormat
internal import Glibc
internal import HTTPInterface
internal import HTTPTypes
internal import HummingbirdCore
internal import LinuxSystem
internal import NIOCore
internal import RunModel
internal import SandboxSpec
internal import SessionExecution
internal import StrictJSON
internal import WorkspaceModel
internal import WorkspaceService

/// Files of a workspace: what is below /box of its sandbox.
struct FileRoutes: Sendable {
    let services: WorkspaceAPIServices
    private var workspaces: WorkspaceService { services.workspaces }

    /// What there is, in all of /box or in one folder.
    func list(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery(["path", "recursive"])
        let workspace = try request.workspace(workspaces)
        let isRecursive = try request.flag("recursive", default: true)
        let (entries, hasMore) = try await workspace.listFiles(at: try request.queryPath(), isRecursive: isRecursive)
        return Reply.json(size: 1024 + 128 * entries.count) { output in
            output.open()
            output.key("files")
            output.array(entries) { output, entry in
                output.open()
                output.member("path", entry.path)
                output.member("type", entry.kind.rawValue)
                if entry.kind == .file {
                    output.member("size", entry.size)
                    output.member("executable", entry.isExecutable)
                }
                output.member("modified_at", entry.modified * 1000)
                if let target = entry.target { output.member("target", target) }
                output.close()
            }
            output.member("more", hasMore)
            output.close()
        }.concerning(workspace)
    }

    /// The bytes of a file, or of one range of it. Always a download: foreign code has made it.
    func get(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let workspace = try request.workspace(workspaces)
        let path = try request.boxPath()
        let file = try await workspace.openFile(path)
        let isCurrent = request.headers[.ifRange].map { $0 == "\"\(file.tag)\"" } ?? true
        let range = isCurrent ? try ByteRange.parse(request.headers[.range], size: file.size) : nil
        let bounds = range ?? 0..<file.size
        let first = try FilePieces.read(file.descriptor, from: bounds.lowerBound, count: min(Int(bounds.count), 512))
        var reply = Reply(
            status: range == nil ? .ok : .partialContent, body: FilePieces.body(file.descriptor, bounds),
            kind: .artifact)
        reply.headers[.contentType] =
            bounds.lowerBound == 0 ? ContentType(of: first).rawValue : "application/octet-stream"
        reply.headers[.acceptRanges] = "bytes"
        reply.headers[.cacheControl] = "no-cache"
        if let range {
            reply.headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.size)"
        }
        reply.headers[.contentDisposition] = ContentDisposition.attachment(filename: path.description)
        return reply.tagged(file.tag, for: request.headers).concerning(workspace)
    }

    /// The body, whatever its type, becomes a file.
    func put(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery(["executable"])
        let workspace = try request.workspace(workspaces)
        let path = try request.boxPath()
        let isExecutable = try request.flag("executable")
        try request.refuseForeignPages()
        let bytes = try await request.body(limit: Workspace.maximumFileBytes)
        let (tag, isNew) = try await workspace.writeFile(
            path, bytes, executable: isExecutable, condition: request.condition())
        var reply = Reply(status: isNew ? .created : .noContent)
        reply.headers[.eTag] = "\"\(tag)\""
        return reply.concerning(workspace)
    }

    func remove(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let workspace = try request.workspace(workspaces)
        try request.refuseForeignPages()
        try await workspace.removeFile(try request.boxPath(), condition: request.condition())
        return Reply(status: .noContent).concerning(workspace)
    }

    func move(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let workspace = try request.workspace(workspaces)
        let reader = ObjectReader(try await request.object(limit: 65_536))
        let from = reader.string("from", required: true, maximumBytes: BoxPath.maximumBytes) ?? ""
        let to = reader.string("to", required: true, maximumBytes: BoxPath.maximumBytes) ?? ""
        let isReplacing = reader.bool("replace") ?? false
        try reader.finish()
        try await workspace.moveFile(
            try RouteRequest.boxPath(from, "from"), to: try RouteRequest.boxPath(to, "to"), replacing: isReplacing)
        return Reply(status: .noContent).concerning(workspace)
    }
}

extension RouteRequest {
    /// What a write is to find (RFC 9110, section 13).
    func condition() -> Workspace.Condition {
        if headers[.ifNoneMatch]?.filter({ $0 != " " }) == "*" { return .absent }
        let lists: [String] = headers[values: .ifMatch]
        let tags = lists.flatMap { list in
            list.split(separator: ",").map { tag in String(tag.filter { $0 != " " && $0 != "\t" && $0 != "\"" }) }
        }
        return tags.isEmpty ? .none : .tags(tags)
    }
}
