package import FairQueue

/// One of those that share a service: a class, a customer, a team. Valid once it exists.
package struct Tenant: Sendable, Equatable {
    /// What a tenant may use in a day (UTC); nil where that is not bounded.
    package struct Daily: Sendable, Equatable {
        package var runs: Int64?
        /// Nanoseconds of processor time.
        package var cpu: Int64?
        /// Bytes of output, exported files and connections to the outside.
        package var bytes: Int64?

        package init(runs: Int64? = nil, cpu: Int64? = nil, bytes: Int64? = nil) {
            self.runs = runs
            self.cpu = cpu
            self.bytes = bytes
        }
    }

    package var name: String
    package var description: String?
    /// The ids of its keys.
    package var keys: [String] = []
    /// By name; nil for all.
    package var languages: [String]?
    package var policies: [String]?
    /// Requests in a minute, of all its keys together; nil where only each key's own rate counts.
    package var rate: Int?
    /// Runs at the same time; nil for as many as there are places.
    package var concurrent: Int?
    /// Runs that may wait; nil for as many as the queue takes.
    package var queued: Int?
    /// Live sessions; nil for as many as the service has.
    package var sessions: Int?
    package var weight = 1
    /// The priorities that its runs may have, and the one that they have when they name none.
    ///
    /// Nobody goes before others of the tenant unless its file says so.
    package var priorities = QueueRequest.priorities.lowerBound...QueueRequest.standardPriority
    package var priority = QueueRequest.standardPriority
    package var daily = Daily()

    package init(name: String) {
        self.name = name
    }

    /// The tenant of keys that no file names.
    package static let standard = "default"
    /// The tenant of all callers where no keys are required.
    package static let anonymous = "anonymous"

    /// What the queue has to know.
    package var terms: QueueTerms { QueueTerms(weight: weight, concurrent: concurrent, queued: queued) }
}
