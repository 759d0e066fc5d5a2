extension ServerSettings {
    /// The timeouts, in nanoseconds.
    package struct Timeouts: Sendable {
        /// For the head of a request.
        package internal(set) var header: Int64 = 0
        /// For a body, and a second more per `bodyRate` bytes of it.
        package internal(set) var body: Int64 = 0
        /// The minimum rate of a body, in bytes per second.
        package internal(set) var bodyRate = 0
        /// Without a byte from the client.
        package internal(set) var idle: Int64 = 0
        /// For a reader to read something.
        package internal(set) var send: Int64 = 0
        /// For which finished runs are kept.
        package internal(set) var finished: Int64 = 0
        /// For which ended sessions are kept.
        package internal(set) var endedSessions: Int64 = 0
        /// For a run to be admitted.
        package internal(set) var queue: Int64 = 0
        /// For a run's sandbox to be made and its program to start.
        package internal(set) var start: Int64 = 0
        /// Time without a successful run after which a test run is made; nil for never.
        package internal(set) var testRun: Int64?
        /// For runs to end on SIGTERM.
        package internal(set) var shutdown: Int64 = 0
    }
}
