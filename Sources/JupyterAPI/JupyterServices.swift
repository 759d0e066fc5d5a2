package import HTTPInterface
package import Logging
package import RunService
package import SessionService

/// The services that this API uses. Created once, by the composition of the service.
package struct JupyterServices: Sendable {
    let sessions: SessionService
    let runs: RunService
    let kernels: KernelRegistry
    let notebooks: NotebookSessions
    let terminals: TerminalRegistry
    let languages: @Sendable () -> [KernelLanguage]
    let settings: JupyterSettings
    let httpMetrics: HTTPMetrics
    let startedAt: Int64
    let logger: Logger

    /// - Parameter languages: those that have sessions now.
    package init(
        sessions: SessionService, runs: RunService, languages: @escaping @Sendable () -> [KernelLanguage],
        settings: JupyterSettings = JupyterSettings(), httpMetrics: HTTPMetrics, logger: Logger
    ) {
        self.sessions = sessions
        self.runs = runs
        self.languages = languages
        kernels = KernelRegistry(sessions, languages: languages)
        notebooks = NotebookSessions()
        terminals = TerminalRegistry(runs)
        self.settings = settings
        self.httpMetrics = httpMetrics
        startedAt = Timestamp.now()
        self.logger = logger
    }
}

/// The settings of this API.
package struct JupyterSettings: Sendable {
    /// Bytes of a request body.
    package var maximumBody = 65_536
    /// Bytes of a message on a channel: a cell of the largest size, with each byte escaped, and what surrounds it.
    package var maximumMessage = 4_194_304
    package var messagesPerSecond = 200
    /// The most questions of one socket that may wait for an answer.
    package var queriesPerSocket = 8
    /// What `kernel_info_reply` and `GET /api` say of the service.
    package var version = "0"

    package init() {}
}
