extension ServerSettings {
    /// How long things may take, in nanoseconds.
    package struct Timeouts: Sendable {
        /// For the head of a request.
        package internal(set) var header: Int64 = 0
        /// For a body, and a second more per `bodyRate` bytes of it.
        package internal(set) var body: Int64 = 0
        /// Bytes per second at which a body must arrive at least.
        package internal(set) var bodyRate = 0
        /// Without a byte from the client.
        package internal(set) var idle: Int64 = 0
        /// For a reader to take something.
        package internal(set) var send: Int64 = 0
        /// For which finished runs are kept.
        package internal(set) var finished: Int64 = 0
        /// For a run to wait for its turn.
        package internal(set) var queue: Int64 = 0
        /// For a run's sandbox to be made and its program to start.
        package internal(set) var start: Int64 = 0
        /// Without a run that worked, after which a test run is made; nil for never.
        package internal(set) var testRun: Int64?
        /// For runs to end on SIGTERM.
        package internal(set) var shutdown: Int64 = 0
    }
}
