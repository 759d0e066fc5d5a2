internal import APIFormat
internal import HTTPInterface
internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import RunModel
internal import SandboxSpec
internal import StrictJSON
internal import WorkspaceModel
internal import WorkspaceService

/// Whole folders of a workspace.
struct ArchiveRoutes: Sendable {
    let services: WorkspaceAPIServices
    private var workspaces: WorkspaceService { services.workspaces }

    /// A tar of /box, or of what is at a path.
    func get(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery(["format", "path"])
        let workspace = try request.workspace(workspaces)
        if let format = request.query["format"], format != "tar" {
            throw InterfaceError.invalidParameter("format", found: format, allowed: "tar")
        }
        let (archive, size, skipped) = try await workspace.download(try request.queryPath())
        var reply = Reply(status: .ok, body: FilePieces.body(archive, 0..<size), kind: .artifact)
        reply.headers[.contentType] = "application/x-tar"
        reply.headers[.contentDisposition] = ContentDisposition.attachment(filename: "\(workspace.id).tar")
        reply.headers[.cacheControl] = "no-store"
        if skipped > 0 { reply.headers[.skipped] = String(skipped) }
        return reply.concerning(workspace)
    }

    /// Writes what is in a tar, which is checked as it comes.
    func put(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery(["path", "replace"])
        let workspace = try request.workspace(workspaces)
        let folder = try request.queryPath()
        let isReplacing = try request.flag("replace")
        guard !isReplacing || folder == nil else {
            throw InterfaceError.invalidParameter("replace", found: "1", allowed: "0 with a path")
        }
        guard request.headers[.contentType]?.lowercased() == "application/x-tar" else {
            throw InterfaceError.unsupportedMediaType("the Content-Type is another one than application/x-tar")
        }
        try request.refuseForeignPages()
        let upload = try workspace.upload(to: folder)
        for try await piece in request.request.body { try upload.take(Array(piece.readableBytesView)) }
        try await workspace.finish(upload, replacing: isReplacing)
        return Reply(status: .noContent).concerning(workspace)
    }

    func makeFolder(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let workspace = try request.workspace(workspaces)
        let reader = ObjectReader(try await request.object(limit: 65_536))
        let path = reader.string("path", required: true, maximumBytes: BoxPath.maximumBytes) ?? ""
        try reader.finish()
        try await workspace.makeFolder(try RouteRequest.boxPath(path, "path"))
        return Reply(status: .noContent).concerning(workspace)
    }
}

extension HTTPField.Name {
    // SAFETY of the force: it is a token of RFC 9110; `??` never takes its right side.
    fileprivate static let skipped = HTTPField.Name("X-Nestbox-Skipped") ?? .from
}
