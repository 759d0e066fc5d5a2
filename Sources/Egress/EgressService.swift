package import EgressRules
package import LinuxSystem
internal import Reactor
internal import RunModel
internal import Synchronization

/// The way out of all sandboxes of a process: each has a door of its own, and shares threads, names and the bound on connections.
///
/// Everything happens on one reactor's thread of its own, started with the first door: a run without egress has no part in it. Safe from
/// any thread.
package final class EgressService: Sendable {
    /// What a service is made with.
    package struct Settings: Sendable {
        /// The most connections of all sandboxes together.
        package var maximumConnections = 512
        package var parent: ParentProxy?
        package var times = EgressTimes()
        /// Whether this machine's own addresses count as public. For tests alone.
        package var reachesOwnAddresses = false

        package init() {}
    }

    /// What all doors have done, for metrics.
    package struct Totals: Sendable, Equatable {
        package var doors = 0
        package var open = 0
        package var connections = 0
        package var bytesIn: Int64 = 0
        package var bytesOut: Int64 = 0
        package var refused: [EgressRefusal: Int] = [:]
    }

    let settings: Settings
    let resolver: any NameResolving
    private let started = Mutex<Reactor?>(nil)
    private let counted = Mutex(Totals())
    private let doors = Mutex<UInt64>(0)

    package init(_ settings: Settings = Settings(), resolver: any NameResolving = SystemResolver()) {
        self.settings = settings
        self.resolver = resolver
    }

    package var totals: Totals { counted.withLock { $0 } }

    /// Serves a listener until the door is closed, or dropped.
    ///
    /// - Throws: when there are no descriptors or threads left.
    package func open(_ listener: SharedDescriptor, _ grant: EgressGrant) throws(SystemCallError) -> EgressDoor {
        let reactor = try reactor()
        count { $0.doors += 1 }
        return EgressDoor(listener, grant, self, reactor)
    }

    private func reactor() throws(SystemCallError) -> Reactor {
        let result = started.withLock { started -> Result<Reactor, SystemCallError> in
            if let started { return .success(started) }
            return Result { () throws(SystemCallError) -> Reactor in
                let new = try Reactor()
                started = new
                return new
            }
        }
        return try result.get()
    }

    /// A number that no other door has.
    func nextNumber() -> UInt64 {
        doors.withLock { number in
            number += 1
            return number
        }
    }

    func count(_ change: (inout Totals) -> Void) { counted.withLock { change(&$0) } }

    /// Takes a place for one more connection.
    func enter() -> Bool {
        counted.withLock { totals in
            guard totals.open < settings.maximumConnections else { return false }
            totals.open += 1
            return true
        }
    }
}
