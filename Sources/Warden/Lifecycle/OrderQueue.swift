internal import LinuxSystem
internal import SandboxSpec

/// Orders that pid 1 of a parked sandbox has had no room for yet; it copies the first uploads meanwhile.
struct OrderQueue {
    /// A packet for pid 1.
    struct Order {
        let bytes: [UInt8]
        let contents: SharedDescriptor?
        /// The job, when this is the order to start it.
        let job: Job?
        /// What to name when it cannot be sent.
        let object: String

        /// The stage that a failure to send it is reported as.
        var stage: String { job == nil ? "upload" : "job" }
    }

    private(set) var orders: [Order] = []
    /// When pid 1 last took an order, or the first of those that wait came.
    private(set) var takenAt: Int64 = 0
    /// How many uploads pid 1 has been sent, or will be.
    private(set) var uploads = 0

    var hasJob: Bool { orders.contains { $0.job != nil } }

    mutating func append(_ order: Order, at now: Int64) {
        if orders.isEmpty { takenAt = now }
        if order.job == nil { uploads += 1 }
        orders.append(order)
    }

    /// pid 1 has taken the oldest.
    mutating func removeFirst(at now: Int64) -> Order? {
        guard !orders.isEmpty else { return nil }
        takenAt = now
        return orders.removeFirst()
    }
}
