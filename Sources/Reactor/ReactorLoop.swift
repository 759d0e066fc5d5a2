internal import Glibc
internal import LinuxSystem

/// What the thread of a reactor does: waits, and gives turns. Never leaves the thread.
final class ReactorLoop {
    /// So many times members may wake each other before descriptors and deadlines are looked at again.
    private static let maximumRounds = 8

    private let core: ReactorCore
    private let watches: WatchList
    private var members: [Reactor.MemberID: SeatedMember] = [:]
    private var deadlines = DeadlineQueue<Reactor.MemberID>()
    /// Those who are about to have a turn, each once.
    private var due: [SeatedMember] = []

    init(_ core: ReactorCore, _ poller: consuming Poller) {
        self.core = core
        watches = WatchList(core, poller)
    }

    func run() {
        var work = core.take()
        while true {
            begin(work)
            giveTurns()
            var rounds = 0
            while rounds < Self.maximumRounds, let more = core.takeOrSleep() {
                begin(more)
                giveTurns()
                rounds += 1
            }
            // With rounds left it found nothing to do. Otherwise it takes what is ready, and comes back.
            let isIdle = rounds < Self.maximumRounds
            if isIdle, members.isEmpty, core.isClosed { return }
            wait(isPatient: isIdle)
            work = core.take()
        }
    }

    private func begin(_ work: ReactorCore.Work) {
        for (id, make) in work.added { members[id] = SeatedMember(id, make()) }
        for id in work.woken { enlist(id) }
    }

    private func enlist(_ id: Reactor.MemberID) {
        guard let member = members[id], !member.isDue else { return }
        member.isDue = true
        due.append(member)
    }

    private func giveTurns() {
        // Turns post to `core`: nobody joins this list meanwhile.
        for member in due { giveTurn(member) }
        due.removeAll(keepingCapacity: true)
    }

    private func giveTurn(_ member: SeatedMember) {
        member.isDue = false
        let ready = member.ready
        member.ready = []
        guard let interest = member.body.turn(ready: ready) else {
            watches.change(member, to: [])
            deadlines.set(member.id, to: nil)
            members[member.id] = nil
            return
        }
        watches.change(member, to: interest.watched)
        deadlines.set(member.id, to: interest.deadline)
    }

    /// Waits for something to happen, and enlists whom it happens to.
    private func wait(isPatient: Bool) {
        watches.wait(milliseconds: isPatient ? timeout() : 0) { id, ready in
            members[id]?.ready.append(ready)
            enlist(id)
        }
        guard let earliest = deadlines.earliest() else { return }
        let now = monotonicNow()
        guard earliest <= now else { return }
        while let id = deadlines.popDue(at: now) { enlist(id) }
    }

    private func timeout() -> Int32 {
        guard let earliest = deadlines.earliest() else { return -1 }
        let left = earliest.subtractingReportingOverflow(monotonicNow())
        guard !left.overflow else { return earliest < 0 ? 0 : .max }
        return left.partialValue <= 0 ? 0 : Int32(clamping: left.partialValue / 1_000_000 + 1)
    }
}

/// A member, with what the thread has to remember of it.
final class SeatedMember {
    let id: Reactor.MemberID
    let body: any ReactorMember
    /// What it watches, as it has said last.
    var watched: [ReactorInterest.Watched] = []
    var ready: [ReadyDescriptor] = []
    var isDue = false

    init(_ id: Reactor.MemberID, _ body: any ReactorMember) {
        self.id = id
        self.body = body
    }
}
