package import RunModel
package import SessionModel

/// Hears of the sessions of a service, for metrics and the log. Called on any thread, the reactor's among them: must not block.
package protocol SessionObserver: Sendable {
    func created(_ session: Session)
    /// There is no session.
    func refused(_ error: APIError)
    /// A cell has ended that was executed for so many seconds.
    func finished(_ status: CellStatus, after seconds: Double, in session: Session)
    func ended(_ session: Session, _ end: SessionEnd)
    /// A cell is over that belongs to a trace.
    func traced(_ cell: TracedCell, in session: Session)
}

/// Observers implement what they need.
extension SessionObserver {
    package func traced(_ cell: TracedCell, in session: Session) {}
}
