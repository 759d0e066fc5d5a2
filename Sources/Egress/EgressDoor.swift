internal import EgressRules
internal import Glibc
internal import LinuxSystem
internal import Reactor
package import RunModel
internal import Synchronization

/// One sandbox's way out. Safe from any thread.
package final class EgressDoor: Sendable {
    /// What the door and its connections share.
    final class State: Sendable {
        struct Values {
            var report = NetworkReport()
            var left: Int64
            var refusals: [Refused: Int] = [:]
            /// Clients that were let in, and connections to the outside.
            var clients = 0
            var connections = 0
            var isClosed = false
            var members: Set<Reactor.MemberID> = []
        }

        struct Refused: Hashable {
            let host: String
            let reason: EgressRefusal
        }

        let grant: EgressGrant
        let service: EgressService
        let reactor: Reactor
        /// Tells this door from the others.
        let number: UInt64
        private let values: Mutex<Values>

        init(_ grant: EgressGrant, _ service: EgressService, _ reactor: Reactor) {
            self.grant = grant
            self.service = service
            self.reactor = reactor
            number = service.nextNumber()
            values = Mutex(Values(left: grant.bytes))
        }

        func withLock<Result: Sendable>(_ body: (inout Values) -> Result) -> Result {
            values.withLock { body(&$0) }
        }

        var isClosed: Bool { values.withLock { $0.isClosed } }

        /// Notes what was refused: as often as it was, of a bounded number of places.
        func refuse(_ reason: EgressRefusal, _ target: EgressTarget?) {
            service.count { $0.refused[reason, default: 0] += 1 }
            let key = Refused(host: target?.description ?? "", reason: reason)
            values.withLock { values in
                if values.refusals[key] != nil || values.refusals.count < NetworkReport.maximumRefusals {
                    values.refusals[key, default: 0] += 1
                }
            }
        }

        /// How many bytes may be moved of so many.
        func allowance(_ wanted: Int) -> Int { values.withLock { Int(min(Int64(wanted), $0.left)) } }

        func move(inward: Int = 0, outward: Int = 0) {
            values.withLock { values in
                values.left -= Int64(inward + outward)
                values.report.bytesIn += Int64(inward)
                values.report.bytesOut += Int64(outward)
            }
            service.count { totals in
                totals.bytesIn += Int64(inward)
                totals.bytesOut += Int64(outward)
            }
        }
    }

    private let state: State
    private let id: Reactor.MemberID

    init(_ listener: SharedDescriptor, _ grant: EgressGrant, _ service: EgressService, _ reactor: Reactor) {
        let state = State(grant, service, reactor)
        self.state = state
        let id = reactor.newID()
        self.id = id
        reactor.add(id) { EgressListener(listener, state) }
    }

    deinit { close() }

    /// What has been done so far.
    package var report: NetworkReport {
        state.withLock { values in
            var report = values.report
            report.refused = values.refusals.map {
                NetworkReport.Refusal(host: $0.host, reason: $0.reason.rawValue, count: $1)
            }
            .sorted { ($0.host, $0.reason) < ($1.host, $1.reason) }
            return report
        }
    }

    /// Bytes that have been moved so far, both ways together.
    package var movedBytes: Int64 { state.withLock { $0.report.bytesIn + $0.report.bytesOut } }

    /// Ends the listener and every connection, soon. What is done until then is in the report of later.
    package func close() {
        let members = state.withLock { values -> Set<Reactor.MemberID>? in
            guard !values.isClosed else { return nil }
            values.isClosed = true
            return values.members
        }
        guard let members else { return }
        state.service.count { $0.doors -= 1 }
        state.service.resolver.forget(state.number)
        state.reactor.wake(id)
        for member in members { state.reactor.wake(member) }
    }
}

/// Lets a door's clients in.
private final class EgressListener: ReactorMember {
    /// So many more than the policy gives are let in, to be told why they are not connected; others wait in the kernel.
    private static let waitingRoom = 16
    private static let pause: Int64 = 20_000_000
    private static let perTurn = 16

    private let listener: SharedDescriptor
    private let state: EgressDoor.State

    init(_ listener: SharedDescriptor, _ state: EgressDoor.State) {
        self.listener = listener
        self.state = state
    }

    func turn(ready: [ReadyDescriptor]) -> ReactorInterest? {
        let number = listener.number
        guard !state.isClosed, number >= 0 else {
            listener.close()
            return nil
        }
        var interest = ReactorInterest()
        for _ in 0..<Self.perTurn {
            guard hasRoom, state.service.enter() else {
                // Whoever leaves wakes nobody: a look now and then is cheaper.
                interest.wake(at: monotonicNow() + Self.pause)
                return interest
            }
            do throws(SystemCallError) {
                guard let client = try SocketCalls.accept(on: number) else {
                    leave()
                    break
                }
                admit(client)
            } catch {
                leave()
                guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errno) else {
                    listener.close()
                    return nil
                }
                interest.wake(at: monotonicNow() + Self.pause)
                return interest
            }
        }
        interest.watch(number, Int16(POLLIN))
        return interest
    }

    private var hasRoom: Bool { state.withLock { $0.clients < state.grant.connections + Self.waitingRoom } }

    private func leave() { state.service.count { $0.open -= 1 } }

    private func admit(_ client: consuming OwnedDescriptor) {
        let state = state
        let id = state.reactor.newID()
        let socket = SharedDescriptor(client)
        state.withLock { values in
            values.clients += 1
            values.members.insert(id)
        }
        state.reactor.add(id) { EgressConnection(socket, id, state) }
    }
}
