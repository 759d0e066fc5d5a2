/// How many places there are, and how many may wait for one.
package struct AdmissionBounds: Sendable, Equatable {
    /// Runs at once, all clients together.
    package var running: Int
    package var queued: Int
    /// Runs at once of one client, whether others wait or not.
    package var runningPerClient: Int
    package var queuedPerClient: Int
    /// Places one client, or one tenant, may hold while others wait for one; a tenant more if its weight says so.
    package var share: Int

    package init(running: Int, queued: Int, runningPerClient: Int, queuedPerClient: Int, share: Int? = nil) {
        self.running = running
        self.queued = queued
        self.runningPerClient = runningPerClient
        self.queuedPerClient = queuedPerClient
        self.share = max(share ?? (running + 1) / 2, 1)
    }
}

/// Why there is no place.
package enum AdmissionRefusal: Error, Sendable, Equatable {
    case queueFull
    case clientQueueFull
    /// As many of the tenant wait as may.
    case tenantQueueFull(Int)
    case closed
}
