internal import Glibc
internal import LinuxSystem

/// Which descriptors epoll watches for whom. Never leaves the thread of the reactor.
///
/// Members close descriptors as they like, and numbers are used again, so nothing here relies on a number: each watch has a token that
/// is never used again.
final class WatchList {
    private struct Watch {
        let owner: Reactor.MemberID
        let number: Int32
        var events: Int16
        /// Of one that epoll does not take.
        var substitute: Substitute?
    }

    /// What is reported at each look instead, and after how many milliseconds the next look comes.
    private struct Substitute {
        var events: Int16
        var pause: Int32 = 10
    }

    private let core: ReactorCore
    private var poller: Poller
    private var lastToken = ReactorCore.wakeupToken
    private var watches: [UInt64: Watch] = [:]
    /// Who watches a number: the newest watch, where others stand for files that have been closed.
    private var tokens: [Int32: UInt64] = [:]
    /// Those with a substitute.
    private var substituted: Set<UInt64> = []

    init(_ core: ReactorCore, _ poller: consuming Poller) {
        self.core = core
        self.poller = poller
    }

    /// A member watches these from now on.
    func change(_ member: SeatedMember, to wanted: [ReactorInterest.Watched]) {
        guard wanted != member.watched else { return }
        let before = member.watched
        member.watched = wanted
        func isSame(_ one: ReactorInterest.Watched, _ other: ReactorInterest.Watched) -> Bool {
            one.number == other.number && one.epoch == other.epoch
        }
        // What goes comes first: its number may be among what comes.
        for old in before where !wanted.contains(where: { isSame($0, old) }) { remove(old.number, of: member.id) }
        for new in wanted {
            let old = before.first { isSame($0, new) }
            if let old, old.events == new.events { continue }
            if old == nil || !change(new.number, of: member.id, to: new.events) {
                add(new.number, of: member.id, events: new.events)
            }
        }
    }

    private func remove(_ number: Int32, of owner: Reactor.MemberID) {
        guard let token = token(of: number, owner) else { return }
        watches[token] = nil
        substituted.remove(token)
        tokens[number] = nil
        // Closed, it is gone already.
        poller.forget(number)
    }

    /// The token of a watch that is still the newest of its number. Where another member has the number meanwhile, the file was closed.
    private func token(of number: Int32, _ owner: Reactor.MemberID) -> UInt64? {
        guard let token = tokens[number] else { return nil }
        return watches[token]?.owner == owner ? token : nil
    }

    /// - Returns: false when there is no such watch.
    private func change(_ number: Int32, of owner: Reactor.MemberID, to events: Int16) -> Bool {
        guard let token = token(of: number, owner), let watch = watches[token], watch.substitute == nil else {
            remove(number, of: owner)
            return false
        }
        do throws(SystemCallError) {
            try poller.change(number, token: token, events: UInt32(UInt16(bitPattern: events)))
            watches[token]?.events = events
            return true
        } catch {
            remove(number, of: owner)
            return false
        }
    }

    private func add(_ number: Int32, of owner: Reactor.MemberID, events: Int16) {
        if let stale = tokens[number] {
            // Its file was closed by somebody else before its member has had a turn.
            watches[stale] = nil
            substituted.remove(stale)
        }
        lastToken += 1
        watches[lastToken] = Watch(owner: owner, number: number, events: events)
        tokens[number] = lastToken
        register(lastToken)
    }

    private func register(_ token: UInt64) {
        guard let watch = watches[token] else { return }
        do throws(SystemCallError) {
            try poller.watch(watch.number, token: token, events: UInt32(UInt16(bitPattern: watch.events)))
        } catch {
            // A file is always ready. Of a number that is not open poll(2) would say so. Anything else is a want of room, for which
            // nobody must go deaf: the member looks now and then whether there is something.
            watches[token]?.substitute =
                switch error.errno {
                case EPERM: Substitute(events: watch.events, pause: 0)
                case EBADF: Substitute(events: Int16(POLLNVAL))
                default: Substitute(events: watch.events)
                }
            substituted.insert(token)
        }
    }

    /// Waits for at most so long (-1: for ever), and says who has something ready.
    func wait(milliseconds: Int32, _ found: (Reactor.MemberID, ReadyDescriptor) -> Void) {
        var timeout = milliseconds
        for token in substituted {
            guard let watch = watches[token], let substitute = watch.substitute, substitute.events != 0 else {
                continue
            }
            timeout = timeout < 0 ? substitute.pause : min(timeout, substitute.pause)
            found(watch.owner, ReadyDescriptor(number: watch.number, events: substitute.events))
        }
        do throws(SystemCallError) {
            var isStale = false
            for (token, events) in try poller.wait(timeout: timeout) where token != ReactorCore.wakeupToken {
                if let watch = watches[token] {
                    let events = Int16(truncatingIfNeeded: events)
                    found(watch.owner, ReadyDescriptor(number: watch.number, events: events))
                } else {
                    isStale = true
                }
            }
            if isStale { try renew() }
        } catch {
            // Out of descriptors, at worst: a pause, so that this does not turn at full speed until there are some.
            usleep(1000)
        }
    }

    /// A file was closed here while a copy of its descriptor lives on elsewhere: epoll goes on to report it, and cannot be told to
    /// stop. A new one does not know it.
    private func renew() throws(SystemCallError) {
        poller = try core.makePoller()
        substituted = []
        for token in Array(watches.keys) {
            watches[token]?.substitute = nil
            register(token)
        }
    }
}
