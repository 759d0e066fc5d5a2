package import LinuxSystem
internal import Synchronization

/// One thread that waits for the descriptors and the deadlines of all its members (epoll(7)), and gives them their turns.
///
/// What one member passes on to another is handled on the same thread, without a change of threads, and thousands of members that
/// wait cost no more than their memory. In return nothing on the thread may block: work that does has a `DetachedThread`.
///
/// Safe from any thread. The thread ends when the last reference to the reactor is gone and its last member has ended.
package final class Reactor: Sendable {
    /// Names a member; never used again.
    package struct MemberID: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    /// What the thread shares with those who use it.
    let core: ReactorCore
    private let lastID = Atomic<UInt64>(0)

    /// Starts the thread.
    ///
    /// - Throws: when the process is out of descriptors or threads.
    package init() throws(SystemCallError) {
        let core = try ReactorCore()
        let poller = Mutex<Poller?>(try core.makePoller())
        try DetachedThread.start {
            guard let poller = poller.withLock({ $0.take() }) else { return }
            core.enterThread()
            ReactorLoop(core, poller).run()
        }
        self.core = core
    }

    deinit {
        core.close()
    }

    /// Whether the caller is on the thread.
    package var isCurrent: Bool { core.isCurrent }

    /// The name of a member that is still to be added: it may be woken before.
    package func newID() -> MemberID {
        MemberID(number: lastID.wrappingAdd(1, ordering: .relaxed).newValue)
    }

    /// A member joins, and has its first turn at once.
    ///
    /// - Parameters:
    ///   - id: from `newID` of this reactor, for this member.
    ///   - make: makes the member; called on the thread.
    package func add(_ id: MemberID, _ make: @escaping @Sendable () -> any ReactorMember) {
        core.add(id, make)
    }

    /// Gives a member a turn soon. Several wakings may make one turn; a member that has ended is not woken.
    ///
    /// What the caller has written before is seen in that turn. Never blocks.
    package func wake(_ id: MemberID) {
        core.wake(id)
    }
}
