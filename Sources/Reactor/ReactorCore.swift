internal import Glibc
internal import LinuxSystem
internal import Synchronization

/// What a reactor's thread has to do besides what the kernel tells it, and how it is woken for that.
final class ReactorCore: Sendable {
    /// No token of a member.
    static let wakeupToken: UInt64 = 0

    struct Work {
        var added: [(id: Reactor.MemberID, make: @Sendable () -> any ReactorMember)] = []
        /// In the order in which they were woken, each once.
        fileprivate(set) var woken: [Reactor.MemberID] = []
        fileprivate var isWoken: Set<Reactor.MemberID> = []

        fileprivate mutating func wake(_ id: Reactor.MemberID) {
            if isWoken.insert(id).inserted { woken.append(id) }
        }
    }

    private struct State {
        var work = Work()
        /// The thread waits, or is about to, and sees new work only when it is woken.
        var isAsleep = false
        var isClosed = false
    }

    private let state = Mutex(State())
    private let wakeup: EventCounter
    private let thread = Atomic<UInt>(0)

    init() throws(SystemCallError) {
        wakeup = try EventCounter()
    }

    /// A poller that is woken by `add`, `wake` and `close`. Nobody reads the counter: each write to it is an edge of its own.
    func makePoller() throws(SystemCallError) -> Poller {
        let poller = try Poller()
        try poller.watch(wakeup.number, token: Self.wakeupToken, events: UInt32(POLLIN) | Poller.edge)
        return poller
    }

    // MARK: - From any thread

    var isCurrent: Bool { UInt(pthread_self()) == thread.load(ordering: .relaxed) }

    func add(_ id: Reactor.MemberID, _ make: @escaping @Sendable () -> any ReactorMember) {
        post { state in
            state.work.added.append((id, make))
            state.work.wake(id)
        }
    }

    func wake(_ id: Reactor.MemberID) {
        post { $0.work.wake(id) }
    }

    /// Ends the thread once the last member has ended.
    func close() {
        post { $0.isClosed = true }
    }

    private func post(_ change: (inout State) -> Void) {
        let wasAsleep = state.withLock { state in
            change(&state)
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        guard wasAsleep else { return }
        var one: UInt64 = 1
        // Fails only when the counter is full, which no machine lives to see.
        _ = write(wakeup.number, &one, MemoryLayout<UInt64>.size)
    }

    // MARK: - On the thread

    func enterThread() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
    }

    /// What has come; the thread is awake from here on.
    func take() -> Work {
        state.withLock { state in
            state.isAsleep = false
            defer { state.work = Work() }
            return state.work
        }
    }

    /// What has come, or nil: then the thread counts as asleep from here on.
    func takeOrSleep() -> Work? {
        state.withLock { state in
            guard state.work.woken.isEmpty else {
                defer { state.work = Work() }
                return state.work
            }
            state.isAsleep = true
            return nil
        }
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }
}
