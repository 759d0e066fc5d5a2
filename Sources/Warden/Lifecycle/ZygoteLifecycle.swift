internal import SandboxSpec

/// The life of one zygote as a value, from its start until it has been reaped: events come in, actions come out.
///
/// Like `SandboxLifecycle` it knows no descriptor, no clock and no kernel. Times are nanoseconds of the monotonic clock.
/// `docs/architecture.md` has the table of transitions.
struct ZygoteLifecycle {
    /// Where in its life the zygote is. It only ever moves forward.
    enum State: Equatable {
        /// An interpreter that must have looked at its script, and loaded its modules, by `deadline`.
        case booting(deadline: Int64)
        /// It forks sandboxes.
        case serving
        /// Another serves in its place. It ends with the last of its sandboxes, which would be ended with it.
        case retiring
        /// Killed at `since`; next look whether it has ended at `retry`.
        case ending(retry: Int64, since: Int64)
        /// Reaped.
        case gone
    }

    /// What the owner of the machine has set, the same for every zygote; nanoseconds.
    struct Rules {
        var boot: Int64
        var answer: Int64
        /// After so many forks, or at this age, an interpreter is to be replaced.
        var forks: Int
        var age: Int64
        /// For a message: the memory that one may take to boot, in bytes.
        var memory: Int64
    }

    let rules: Rules
    /// Whether it is an interpreter; ours has neither a layout of memory nor seeds that forks would share.
    let isInterpreter: Bool
    let startedAt: Int64
    private(set) var state: State
    /// How many of its sandboxes live.
    private(set) var sandboxes = 0
    /// How many sandboxes it has been asked for in all, and how many of these requests it has not answered yet.
    private(set) var forks = 0
    private(set) var openRequests = 0
    /// When it was last asked with no request open, or last answered, or had booted.
    private(set) var silentSince: Int64
    /// When the last of its sandboxes went, or it was started.
    private(set) var idleSince: Int64

    /// - Parameter now: when it was started.
    init(isInterpreter: Bool, rules: Rules, at now: Int64) {
        self.rules = rules
        self.isInterpreter = isInterpreter
        startedAt = now
        silentSince = now
        idleSince = now
        state = isInterpreter ? .booting(deadline: now + rules.boot) : .serving
    }

    // MARK: - Questions

    var isBooting: Bool { if case .booting = state { true } else { false } }

    /// Whether it has been killed, or has ended.
    var isOver: Bool {
        switch state {
        case .booting, .serving, .retiring: false
        case .ending, .gone: true
        }
    }

    /// A fork shares its zygote's layout of memory and seeds of hashes, so they change from time to time.
    func isOld(at now: Int64) -> Bool {
        guard isInterpreter, state == .serving else { return false }
        return forks >= rules.forks || now - startedAt >= rules.age
    }

    /// When `deadlinePassed` is due; nil when only an event can move it on.
    var deadline: Int64? {
        switch state {
        case .booting(let deadline): deadline
        case .serving, .retiring: openRequests > 0 ? silentSince + rules.answer : nil
        case .ending(let retry, _): retry
        case .gone: nil
        }
    }

    // MARK: - Changes

    mutating func enter(_ next: State) { state = next }

    mutating func serve(at now: Int64) {
        state = .serving
        silentSince = now
    }

    mutating func countRequest(at now: Int64) {
        if openRequests == 0 { silentSince = now }
        openRequests += 1
        forks += 1
    }

    mutating func countAnswer(at now: Int64) {
        openRequests -= 1
        silentSince = now
    }

    mutating func countSandbox() { sandboxes += 1 }

    mutating func discountSandbox(at now: Int64) {
        sandboxes -= 1
        idleSince = now
    }
}
