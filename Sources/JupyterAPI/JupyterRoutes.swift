package import HTTPInterface
internal import HTTPTypes
internal import RunModel
internal import SessionService

/// The routes of this API: docs/jupyter.md describes them. A test compares contract and routes.
package enum JupyterRoutes {
    /// All groups, for the table of the listener.
    package static func groups(_ services: JupyterServices) -> [RouteGroup] {
        let errors = JupyterErrors(logger: services.logger)
        return [api(services, errors), terminalSocket(services, errors)]
    }

    private static func api(_ services: JupyterServices, _ errors: JupyterErrors) -> RouteGroup {
        let server = ServerRoutes(services: services)
        let kernels = KernelRoutes(services: services)
        let notebooks = NotebookRoutes(services: services)
        let terminals = TerminalRoutes(services: services)
        var group = RouteGroup("/api", acceptsTokens: true, errors: errors)
        group.add(.get, "", access: .public) { try server.version($0) }
        group.add(.get, "/status") { try server.status($0) }
        group.add(.get, "/kernelspecs") { try server.specs($0) }
        group.add(.get, "/kernelspecs/{}") { try server.spec($0) }
        group.add(.post, "/kernels") { try await kernels.create($0) }
        group.add(.get, "/kernels") { try kernels.list($0) }
        // None of these on the event loop: to find a kernel may be to look at the disk for the language of its session.
        group.add(.get, "/kernels/{}") { try kernels.show($0) }
        group.add(.delete, "/kernels/{}") { try await kernels.delete($0) }
        group.add(.post, "/kernels/{}/interrupt") { try await kernels.interrupt($0) }
        group.add(.post, "/kernels/{}/restart") { try await kernels.restart($0) }
        group.addSocket("/kernels/{}/channels", subprotocols: [V1Protocol.subprotocol], check: check(services)) {
            await KernelSocket.serve($0, services)
        }
        group.add(.post, "/sessions") { try await notebooks.create($0) }
        group.add(.get, "/sessions") { try notebooks.list($0) }
        group.add(.get, "/sessions/{}") { try notebooks.show($0) }
        group.add(.patch, "/sessions/{}") { try await notebooks.change($0) }
        group.add(.delete, "/sessions/{}") { try await notebooks.delete($0) }
        group.add(.post, "/terminals") { try await terminals.create($0) }
        group.add(.get, "/terminals") { try terminals.list($0) }
        group.add(.get, "/terminals/{}") { try terminals.show($0) }
        group.add(.delete, "/terminals/{}") { try await terminals.delete($0) }
        return group
    }

    private static func terminalSocket(_ services: JupyterServices, _ errors: JupyterErrors) -> RouteGroup {
        var group = RouteGroup("/terminals", acceptsTokens: true, errors: errors)
        group.addSocket("/websocket/{}", subprotocols: [], check: check(services)) {
            await TerminalSocket.serve($0, services)
        }
        return group
    }

    private static func check(_ services: JupyterServices) -> @Sendable () throws -> Void {
        {
            if services.sessions.isClosed {
                throw APIError(.shuttingDown, "the service is stopping", retryable: true)
            }
        }
    }
}
