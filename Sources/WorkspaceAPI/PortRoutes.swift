internal import APIFormat
internal import HTTPInterface
internal import RunModel
internal import StrictJSON
internal import WorkspaceModel
internal import WorkspaceService

/// Ports of a workspace: which are open, and who may look at them.
struct PortRoutes: Sendable {
    let services: WorkspaceAPIServices

    func list(_ request: RouteRequest) throws -> Reply {
        try request.allowQuery([])
        let workspace = try request.workspace(services.workspaces)
        return Reply.json { output in
            output.open()
            output.key("ports")
            output.array(workspace.ports) { Self.write($1, to: &$0) }
            output.close()
        }.concerning(workspace)
    }

    private static func write(_ port: Workspace.Port, to output: inout JSONBytes) {
        output.open()
        output.member("port", port.number)
        output.member("open", port.isOpen)
        output.member("visibility", port.settings.visibility.rawValue)
        output.key("host")
        output.optional(port.settings.host) { $0.string($1) }
        output.close()
    }

    func set(_ request: RouteRequest) async throws -> Reply {
        try request.allowQuery([])
        let workspace = try request.workspace(services.workspaces)
        guard let port = UInt16(request.parameter(1)), port > 0, String(port) == request.parameter(1) else {
            throw APIError(
                .invalidRequest, "port: found \"\(request.parameter(1).prefix(16))\", allowed is 1 to 65535",
                details: ["port": "1 to 65535"])
        }
        let reader = ObjectReader(try await request.object(limit: 4096))
        var settings = workspace.settings(of: port)
        if let visibility: Workspace.PortSettings.Visibility = reader.choice("visibility") {
            settings.visibility = visibility
        }
        if let host = reader.string("host", maximumBytes: 255) {
            let isHost = host.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x3a, 0x5b, 0x5d: true
                default: false
                }
            }
            if !isHost { reader.complain("host", "is no host name, with a port if need be") }
            settings.host = host.isEmpty ? nil : host
        }
        try reader.finish()
        try await workspace.set(settings, of: port)
        return Reply.json { output in
            if let found = workspace.ports.first(where: { $0.number == port }) { Self.write(found, to: &output) }
        }.concerning(workspace)
    }
}
