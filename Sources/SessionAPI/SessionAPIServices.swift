package import HTTPInterface
package import Logging
package import SessionService

/// The services that this API uses. Created once, by the composition of the service.
package struct SessionAPIServices: Sendable {
    package let sessions: SessionService
    let settings: SessionAPISettings
    let metrics: SessionAPIMetrics
    let httpMetrics: HTTPMetrics
    let state: ServiceState
    let logger: Logger

    /// What `GET /health` reports of the rest of the service.
    package struct ServiceState: Sendable {
        let isFailing: @Sendable () -> Bool
        let parked: @Sendable () -> Int

        /// - Parameters:
        ///   - isFailing: whether programs cannot be run at the moment, as far as is known.
        ///   - parked: how many sandboxes wait for a session or a run.
        package init(isFailing: @escaping @Sendable () -> Bool, parked: @escaping @Sendable () -> Int) {
            self.isFailing = isFailing
            self.parked = parked
        }
    }

    package init(
        sessions: SessionService, settings: SessionAPISettings = SessionAPISettings(), metrics: SessionAPIMetrics,
        httpMetrics: HTTPMetrics, state: ServiceState, logger: Logger
    ) {
        self.sessions = sessions
        self.settings = settings
        self.metrics = metrics
        self.httpMetrics = httpMetrics
        self.state = state
        self.logger = logger
    }
}

/// The settings of this API.
package struct SessionAPISettings: Sendable {
    /// Bytes of a request body, and of a WebSocket message: a cell of the largest size, with each byte escaped.
    package var maximumBody = 4_194_304
    package var messagesPerSecond = 200
    /// The most sessions that one socket may follow.
    package var sessionsPerSocket = 16
    /// The most queries of one socket that may wait for an answer.
    package var queriesPerSocket = 8
    /// Nanoseconds after which a session with `on_disconnect: close` ends when nobody is connected any more.
    package var disconnectGrace: Int64 = 30_000_000_000
    /// The same of a session that a socket of the plain dialect made, which a client may connect to again.
    package var reconnectTime: Int64 = 300_000_000_000
    /// The language of sessions that name none, in the plain dialect only.
    package var defaultLanguage = "python"

    package init() {}
}
