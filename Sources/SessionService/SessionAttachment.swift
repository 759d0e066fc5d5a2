package import RunModel
internal import SessionExecution
internal import Synchronization

extension Session {
    /// Somebody is on the line, until the attachment is let go of.
    ///
    /// - Parameter takesOver: from whoever controls the session now, and only looks on from here.
    /// - Throws: `SESSION_CONTROLLED` when somebody controls it and is not to be taken over from.
    package func attach(_ mode: AttachMode, takesOver: Bool = false) throws(APIError) -> SessionAttachment {
        // Who comes and who goes is told in the order in which it happens.
        let line = state.withLock { state in
            let isControlled = state.attachments.controller != nil
            let line = state.attachments.add(mode, takesOver: takesOver)
            if line != nil, mode == .control, isControlled { state.live?.takenOver() }
            if line != nil, mode == .control, case .close = identity.onDisconnect { state.live?.leave(after: nil) }
            return line
        }
        guard let line else {
            throw APIError(
                .sessionControlled,
                "another connection controls the session: look on with mode observe, or take over with take_over")
        }
        return SessionAttachment(self, line)
    }

    fileprivate func mode(of line: Int) -> AttachMode { state.withLock { $0.attachments.mode(of: line) } ?? .observe }

    fileprivate func detach(_ line: Int) {
        state.withLock { state in
            guard state.attachments.remove(line), case .close(let time) = identity.onDisconnect else { return }
            state.live?.leave(after: time)
        }
    }
}

/// One connection's place at a session. Let go of it, or `detach`, when the connection ends: what the session was created to do
/// without a controller begins then.
package final class SessionAttachment: Sendable {
    private let session: Session
    private let line: Int

    fileprivate init(_ session: Session, _ line: Int) {
        self.session = session
        self.line = line
    }

    deinit {
        session.detach(line)
    }

    /// `observe` once another one has taken over.
    package var mode: AttachMode { session.mode(of: line) }

    /// To be called before each command that came over this line.
    ///
    /// - Throws: `READ_ONLY` for one that only looks on.
    package func checkControl() throws(APIError) {
        guard mode == .control else {
            throw APIError(
                .readOnly, "this connection only observes the session: detach, then attach with mode control")
        }
    }

    package func detach() {
        session.detach(line)
    }
}
