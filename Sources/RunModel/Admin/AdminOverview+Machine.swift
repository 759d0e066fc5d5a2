/// What an overview says about the warden, the languages, the machine and the audit log.
extension AdminOverview {
    package struct Warden: Sendable, Equatable, Codable {
        package var ready: Bool
        package var pid: Int32?
        package var restarts: Int
        package var lastError: String?
        /// Nil while there is no warden.
        package var sandboxes: Int64?
        package var parked: Int64?
        package var running: Int64?
        package var quarantined: Int
        package var silenceSeconds: Double?

        package init(
            ready: Bool, pid: Int32?, restarts: Int, lastError: String?, sandboxes: Int64?, parked: Int64?,
            running: Int64?, quarantined: Int, silenceSeconds: Double?
        ) {
            self.ready = ready
            self.pid = pid
            self.restarts = restarts
            self.lastError = lastError
            self.sandboxes = sandboxes
            self.parked = parked
            self.running = running
            self.quarantined = quarantined
            self.silenceSeconds = silenceSeconds
        }

        private enum CodingKeys: String, CodingKey {
            case ready, pid, restarts, sandboxes, parked, running, quarantined
            case lastError = "last_error"
            case silenceSeconds = "silence_seconds"
        }
    }

    /// A language.
    package struct Image: Sendable, Equatable, Codable {
        package var name: String
        /// Whether its root is there.
        package var built: Bool
        /// Why none can be prepared; nil when all is well, or none was tried.
        package var lastError: String?

        package init(name: String, built: Bool, lastError: String?) {
            self.name = name
            self.built = built
            self.lastError = lastError
        }

        private enum CodingKeys: String, CodingKey {
            case name, built
            case lastError = "last_error"
        }
    }

    package struct Host: Sendable, Equatable, Codable {
        package struct Pressure: Sendable, Equatable, Codable {
            /// `cpu`, `memory` or `io`.
            package var resource: String
            /// `some` or `full`.
            package var kind: String
            /// Percent of the last 10 and 60 seconds.
            package var avg10: Double
            package var avg60: Double

            package init(resource: String, kind: String, avg10: Double, avg60: Double) {
                self.resource = resource
                self.kind = kind
                self.avg10 = avg10
                self.avg60 = avg60
            }
        }

        package var processors: Int
        package var memoryBytes: Double
        package var memoryAvailableBytes: Double
        /// None where the kernel has no PSI.
        package var pressure: [Pressure]

        package init(processors: Int, memoryBytes: Double, memoryAvailableBytes: Double, pressure: [Pressure]) {
            self.processors = processors
            self.memoryBytes = memoryBytes
            self.memoryAvailableBytes = memoryAvailableBytes
            self.pressure = pressure
        }

        private enum CodingKeys: String, CodingKey {
            case processors, pressure
            case memoryBytes = "memory_bytes"
            case memoryAvailableBytes = "memory_available_bytes"
        }
    }

    package struct Audit: Sendable, Equatable, Codable {
        package var enabled: Bool
        /// The number of its last record.
        package var seq: Int64
        package var lastError: String?

        package init(enabled: Bool, seq: Int64, lastError: String?) {
            self.enabled = enabled
            self.seq = seq
            self.lastError = lastError
        }

        private enum CodingKeys: String, CodingKey {
            case enabled, seq
            case lastError = "last_error"
        }
    }
}
