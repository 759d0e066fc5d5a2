internal import Glibc
package import LinuxSystem
package import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import Synchronization
internal import WorkspaceModel

/// The ports of a workspace: what listens, who may look at it, and connections to it.
extension Workspace {
    /// Ports that may have settings of their own.
    static let maximumPortSettings = 64

    /// What is known of a port.
    package struct Port: Sendable, Equatable {
        package let number: UInt16
        package let isOpen: Bool
        package let settings: PortSettings
    }

    /// Those on which something listens, and those with settings.
    package var ports: [Port] {
        state.withLock { state in
            state.ports.union(state.settings.keys).sorted().map {
                Port(number: $0, isOpen: state.ports.contains($0), settings: state.settings[$0] ?? PortSettings())
            }
        }
    }

    /// Who may look at a port, and as which host; as usual for one that nobody has set.
    package func settings(of port: UInt16) -> PortSettings {
        state.withLock { $0.settings[port] ?? PortSettings() }
    }

    /// Changes that; it stays over stops.
    ///
    /// - Throws: `INVALID_REQUEST` for one port too many.
    package func set(_ settings: PortSettings, of port: UInt16) async throws(APIError) {
        touch()
        try state.withLock { state throws(APIError) in
            guard state.settings[port] != nil || state.settings.count < Self.maximumPortSettings else {
                throw APIError(
                    .invalidRequest, "port: \(Self.maximumPortSettings) ports have settings already, allowed is no more"
                )
            }
            state.settings[port] = settings
        }
        try await keepDocument()
    }

    /// The most connections of previews at the same time; 0 while it does not run.
    package var maximumConnections: Int { state.withLock { $0.live == nil ? 0 : $0.plan?.limits.connections ?? 0 } }

    /// Connects to a port, from inside. Counts as use.
    ///
    /// - Returns: a connected socket that does not block; nil when nothing listens.
    /// - Throws: `WORKSPACE_STOPPED`, `OVERLOADED` when too many connections are being made.
    package func dial(_ port: UInt16) async throws(APIError) -> SharedDescriptor? {
        let (errno, socket) = await (try running()).dial(port)
        switch errno {
        case 0: return socket
        case EINPROGRESS: return try await connected(socket)
        case ECONNREFUSED, ENETUNREACH, EADDRNOTAVAIL, EHOSTUNREACH, ETIMEDOUT, EAFNOSUPPORT: return nil
        case ESRCH, ECONNRESET: throw .workspaceStopped
        case EAGAIN, EMFILE, ENFILE:
            throw APIError(.overloaded, "too many connections are being made", retryable: true)
        default: throw APIError(.internalError, "port \(port): \(errnoDescription(errno))")
        }
    }

    /// Waits for a connection within the sandbox: it is made, or refused, at once, unless the program's queue is full.
    private func connected(_ socket: SharedDescriptor?) async throws(APIError) -> SharedDescriptor? {
        guard let socket else { return nil }
        return try await onDisk { () throws(APIError) in
            var watched = pollfd(fd: socket.number, events: Int16(POLLOUT), revents: 0)
            guard poll(&watched, 1, 5000) == 1 else { return nil }
            var code: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            guard getsockopt(socket.number, SOL_SOCKET, SO_ERROR, &code, &size) == 0, code == 0 else { return nil }
            return socket
        }
    }
}
