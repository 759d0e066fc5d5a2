/// What a tenant may have of the queue.
package struct QueueTerms: Sendable, Hashable {
    /// Its share in comparison to that of others; 1 to 1000.
    package var weight: Int
    /// Places at the same time; nil for all.
    package var concurrent: Int?
    /// How many may wait; nil for as many as the queue takes.
    package var queued: Int?

    package init(weight: Int = 1, concurrent: Int? = nil, queued: Int? = nil) {
        self.weight = min(max(weight, 1), 1000)
        self.concurrent = concurrent
        self.queued = queued
    }
}

/// What is known of something that wants a place, besides its id.
package struct QueueRequest: Sendable, Equatable {
    package var tenant: String
    package var terms: QueueTerms
    /// One of those that the tenant's turns are shared among: a key, or an address.
    package var client: String
    /// Whether there may be any number of such clients, which therefore share a fixed number of queues.
    package var isSharded: Bool
    /// Places of this client at the same time, when that differs from others.
    package var concurrent: Int?
    /// 0 to 9; higher ones of the same tenant go first.
    package var priority: Int
    /// What costs as much: averages are taken over it.
    package var kind: String

    package static let priorities = 0...9
    package static let standardPriority = 5

    package init(
        tenant: String, terms: QueueTerms = QueueTerms(), client: String, isSharded: Bool = false,
        concurrent: Int? = nil, priority: Int = QueueRequest.standardPriority, kind: String = ""
    ) {
        self.tenant = tenant
        self.terms = terms
        self.client = client
        self.isSharded = isSharded
        self.concurrent = concurrent
        self.priority = min(max(priority, Self.priorities.lowerBound), Self.priorities.upperBound)
        self.kind = kind
    }
}

/// Where something that waits stands.
package struct QueuePlace: Sendable, Equatable {
    /// 1 is next.
    package var position: Int
    /// Nanoseconds that it will have to wait, estimated; nil while nothing is known about costs.
    package var wait: Int64?

    package init(position: Int, wait: Int64? = nil) {
        self.position = position
        self.wait = wait
    }
}
