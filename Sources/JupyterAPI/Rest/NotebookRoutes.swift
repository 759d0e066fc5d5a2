internal import HTTPInterface
internal import HTTPTypes
internal import RunModel
internal import SessionModel
internal import StrictJSON

/// Jupyter's sessions: a document and its kernel.
struct NotebookRoutes: Sendable {
    private static let maximumPath = 1024

    /// What a client says of one.
    private struct Body {
        var path: String?
        var name: String?
        var type: String?
        var kernelName: String?
        var kernelID: String?
        var environment: [String: String] = [:]

        init(_ reader: ObjectReader) {
            path = reader.string("path", maximumBytes: NotebookRoutes.maximumPath)
            name = reader.string("name", maximumBytes: NotebookRoutes.maximumPath)
            type = reader.string("type", maximumBytes: 64)
            guard let kernel = reader.value("kernel") else { return }
            guard case .object(let object) = kernel else {
                reader.complain("kernel", "is \(kernel.typeName), expected is an object")
                return
            }
            // It may have all the members of a kernel that the client was given.
            if case .string(let name)? = object["name"] { kernelName = name }
            if case .string(let id)? = object["id"] { kernelID = id }
        }
    }

    let services: JupyterServices

    private var notebooks: NotebookSessions { services.notebooks }

    func create(_ request: RouteRequest) async throws -> Reply {
        let reader = try await request.looseObject(limit: services.settings.maximumBody)
        let body = Body(reader)
        if body.path == nil { reader.complain("path", "is missing, expected is a string") }
        try reader.finish(refusesUnknown: false)
        let path = body.path ?? ""
        // One document has one session.
        if let known = current(request).first(where: { $0.notebook.path == path }) { return reply(known, status: 201) }
        let hub = try kernel(body, request)
        let notebook: NotebookSessions.Notebook
        do {
            notebook = try notebooks.add(
                path: path, name: body.name ?? "", type: body.type ?? "notebook", kernel: hub.id,
                owner: request.caller.owner)
        } catch {
            // The kernel was made for it.
            if body.kernelID == nil { services.kernels.shutDown(hub) }
            throw error
        }
        var reply = reply((notebook, hub), status: 201)
        reply.headers[.location] = "/api/sessions/\(notebook.id)"
        return reply
    }

    private func kernel(_ body: Body, _ request: RouteRequest) throws(APIError) -> KernelHub {
        if let id = body.kernelID { return try services.kernels.find(id, owner: request.caller.owner) }
        return try services.kernels.create(
            body.kernelName, environment: [:], owner: request.caller.owner, origin: request.origin)
    }

    /// Those whose kernels are there; others are forgotten.
    private func current(_ request: RouteRequest) -> [(notebook: NotebookSessions.Notebook, hub: KernelHub)] {
        notebooks.list(owner: request.caller.owner).compactMap { notebook in
            if let hub = try? services.kernels.find(notebook.kernel.description, owner: notebook.owner) {
                return (notebook, hub)
            }
            notebooks.remove(notebook.id)
            return nil
        }
    }

    func list(_ request: RouteRequest) throws -> Reply {
        let found = current(request)
        return .json { output in output.array(found) { Self.write($1.notebook, $1.hub, to: &$0) } }
    }

    func show(_ request: RouteRequest) throws -> Reply { reply(try find(request)) }

    /// Another path, name, type or kernel.
    func change(_ request: RouteRequest) async throws -> Reply {
        var (notebook, hub) = try find(request)
        let reader = try await request.looseObject(limit: services.settings.maximumBody)
        let body = Body(reader)
        try reader.finish(refusesUnknown: false)
        notebook.path = body.path ?? notebook.path
        notebook.name = body.name ?? notebook.name
        notebook.type = body.type ?? notebook.type
        if let id = body.kernelID, id != notebook.kernel.description {
            hub = try services.kernels.find(id, owner: request.caller.owner)
        } else if body.kernelID == nil, body.kernelName != nil {
            let old = hub
            hub = try kernel(body, request)
            services.kernels.shutDown(old)
        }
        notebook.kernel = hub.id
        notebooks.replace(notebook)
        return reply((notebook, hub))
    }

    /// Ends its kernel, too.
    func delete(_ request: RouteRequest) async throws -> Reply {
        try request.refuseForeignPages()
        let (notebook, hub) = try find(request)
        notebooks.remove(notebook.id)
        services.kernels.shutDown(hub)
        return Reply(status: .noContent)
    }

    private func find(_ request: RouteRequest) throws(APIError) -> (NotebookSessions.Notebook, KernelHub) {
        let notebook = try notebooks.find(request.parameter(), owner: request.caller.owner)
        do throws(APIError) {
            return (notebook, try services.kernels.find(notebook.kernel.description, owner: notebook.owner))
        } catch {
            // It has gone with its kernel.
            notebooks.remove(notebook.id)
            throw error
        }
    }

    private func reply(_ found: (NotebookSessions.Notebook, KernelHub), status: Int = 200) -> Reply {
        .json(status: status) { Self.write(found.0, found.1, to: &$0) }
    }

    private static func write(
        _ notebook: NotebookSessions.Notebook, _ hub: KernelHub, to output: inout JSONBytes
    ) {
        output.open()
        output.member("id", notebook.id)
        output.member("path", notebook.path)
        output.member("name", notebook.name)
        output.member("type", notebook.type)
        output.key("kernel")
        hub.write(to: &output)
        if notebook.type == "notebook" {
            // What clients of old versions read.
            output.key("notebook")
            output.open()
            output.member("path", notebook.path)
            output.member("name", notebook.name)
            output.close()
        }
        output.close()
    }
}
