internal import APIFormat
internal import HTTPInterface
internal import HTTPTypes
internal import RunModel
internal import SandboxSpec
internal import SessionExecution
internal import SessionModel
internal import SessionService

/// Files of a session: what is below /box of its sandbox.
struct FileRoutes: Sendable {
    let services: SessionAPIServices

    /// What there is, in all of /box.
    func list(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let session = try request.session(services.sessions)
        let (entries, hasMore) = try await session.listFiles()
        var reply = Reply.json(size: 1024 + 128 * entries.count) { output in
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
        }
        reply.concern(session.id)
        return reply
    }

    /// The bytes of a file. Always a download: foreign code has made it.
    func get(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let session = try request.session(services.sessions)
        let path = try Self.path(request)
        let bytes = try await session.readFile(path)
        var reply = Reply.bytes(bytes, type: ContentType(of: bytes).rawValue, kind: .artifact)
        reply.headers[.contentDisposition] = ContentDisposition.attachment(filename: path.description)
        reply.concern(session.id)
        return reply
    }

    /// The body, whatever its type, becomes a file.
    func put(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery(["executable"])
        let session = try request.session(services.sessions)
        let path = try Self.path(request)
        let isExecutable = try request.number("executable", in: 0...1, default: 0) == 1
        try request.refuseForeignPages()
        let bytes = try await request.body(limit: Session.maximumFileBytes)
        try await session.writeFile(path, bytes, executable: isExecutable)
        return Reply(status: .noContent)
    }

    func remove(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let session = try request.session(services.sessions)
        try await session.removeFile(try Self.path(request))
        return Reply(status: .noContent)
    }

    private static func path(_ request: RouteRequest) throws(APIError) -> BoxPath {
        do throws(InvalidBoxPath) {
            return try BoxPath(request.parameter(1))
        } catch {
            throw APIError(.invalidFileName, error.description, details: ["path": error.reason])
        }
    }
}
