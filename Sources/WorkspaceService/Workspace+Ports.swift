internal import Glibc
package import LinuxSystem
package import RunModel
internal import RunPlanning
internal import SandboxSpec
internal import Synchronization
internal import WorkspaceModel

/// The ports of a workspace: what listens, and connections to it.
extension Workspace {
    /// Those on which something listens.
    package var ports: [UInt16] { state.withLock { $0.ports.sorted() } }

    /// Takes a place for one more client that is connected to a port; `leavePort` gives it back.
    ///
    /// - Throws: `WORKSPACE_STOPPED`, `OVERLOADED` when there are as many as `connections` of its policy allows.
    package func enterPort() throws(APIError) {
        try state.withLock { state throws(APIError) in
            guard state.live != nil, let most = state.plan?.limits.connections else { throw .workspaceStopped }
            guard state.connections < most else {
                throw APIError(
                    .overloaded, "\(most) clients are connected to ports of the workspace already (connections)",
                    retryable: true)
            }
            state.connections += 1
        }
    }

    package func leavePort() { state.withLock { $0.connections -= 1 } }

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
        // On a thread of its own: a program that lets its queue fill up must not hold up what others wait for.
        let isConnected: Bool? = await withCheckedContinuation { continuation in
            do {
                try DetachedThread.start { continuation.resume(returning: Self.isConnected(socket.number)) }
            } catch {
                continuation.resume(returning: nil)
            }
        }
        guard let isConnected else { throw APIError(.overloaded, "there are no threads left", retryable: true) }
        return isConnected ? socket : nil
    }

    private static func isConnected(_ socket: Int32) -> Bool {
        var watched = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
        guard poll(&watched, 1, 5000) == 1 else { return false }
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size) == 0 && code == 0
    }
}
