extension ServerSettings {
    /// The limits of the service: counts, and bytes where the comment says so.
    package struct Limits: Sendable {
        /// Concurrent runs.
        package internal(set) var running = 0
        /// Waiting runs.
        package internal(set) var queued = 0
        /// Concurrent runs of one key or address.
        package internal(set) var runningPerClient = 0
        /// The percentage of `running` that one key or address may hold while others wait.
        package internal(set) var runningShare = 0
        /// Waiting runs of one key or address.
        package internal(set) var queuedPerClient = 0
        /// Requests of one key or address in a minute.
        package internal(set) var requestsPerMinute = 0
        /// Requests of one key or address in a burst.
        package internal(set) var requestBurst = 0
        /// Examples that one key or address may run in a minute.
        package internal(set) var examplesPerMinute = 0
        /// Messages of one WebSocket in a second.
        package internal(set) var messagesPerSecond = 0
        package internal(set) var connections = 0
        package internal(set) var connectionsPerAddress = 0
        /// Connections of programs to the outside.
        package internal(set) var egressConnections = 0
        /// Bytes of a request body.
        package internal(set) var body = 0
        /// Bytes of a WebSocket message.
        package internal(set) var message = 0
        /// Bytes of all incomplete bodies and messages.
        package internal(set) var bodyMemory = 0
        /// Sandboxes that are parked or being prepared.
        package internal(set) var parkedSandboxes = 0
        /// Bytes of parked sandboxes, estimated.
        package internal(set) var parkedMemory = 0
        /// Bytes of events kept for each run.
        package internal(set) var runBuffer = 0
        /// Bytes of artifacts kept for each run.
        package internal(set) var artifacts = 0
        /// Bytes of cached results of compile steps; nil keeps nothing.
        package internal(set) var compileCache: Int?
        /// Tenants that metrics name.
        package internal(set) var metricTenants = 0
        /// Finished runs that are kept.
        package internal(set) var finishedRuns = 0
        /// Bytes of finished runs.
        package internal(set) var finishedMemory = 0
        /// Sessions that live at the same time; 0 for none.
        package internal(set) var sessions = 0
        /// Of them, those of one owner.
        package internal(set) var sessionsPerOwner = 0
        /// Bytes of events kept for each session.
        package internal(set) var sessionHistory = 0
        /// Ended sessions that are kept.
        package internal(set) var endedSessions = 0
        /// Stored sessions of one owner.
        package internal(set) var storedSessionsPerOwner = 0
        /// Workspaces that run at the same time; 0 for none.
        package internal(set) var workspaces = 0
        /// Of them, those of one owner.
        package internal(set) var workspacesPerOwner = 0
        /// Workspaces of one owner, running or stored.
        package internal(set) var storedWorkspacesPerOwner = 0
        /// Bytes of ended sessions.
        package internal(set) var endedSessionMemory = 0
    }
}
