internal import Glibc
internal import LinuxSystem
internal import Reactor

/// The connection to a warden that another process has started, on the thread of a reactor: what happens to a sandbox is told to its
/// run without a change of threads. Nothing here waits, since there is no process to be waited for.
final class WardenMember: ReactorMember {
    private var loop: WardenLoop?
    private var hasGreeted = false

    init(_ loop: consuming WardenLoop?) {
        self.loop = loop
    }

    func turn(ready: [ReadyDescriptor]) -> ReactorInterest? {
        guard var loop = loop.take() else { return nil }
        if !hasGreeted {
            hasGreeted = true
            loop.greet()
        }
        let (socket, wakes) = (loop.channel.socket.number, loop.channel.wakes.first.number)
        let events = ready.first { $0.number == socket }?.events ?? 0
        let isWoken = ready.contains { $0.number == wakes }
        if let error = loop.turn(socket: events, isWoken: isWoken, hasExited: false) {
            loop.conclude(error)
            return nil
        }
        let (wantsToSend, deadline) = loop.plan()
        self.loop = consume loop
        var interest = ReactorInterest()
        interest.watch(socket, Int16(POLLIN) | (wantsToSend ? Int16(POLLOUT) : 0))
        interest.watch(wakes, Int16(POLLIN))
        interest.wake(at: monotonicNow() + Int64(PollTimeout.milliseconds(until: deadline)) * 1_000_000)
        return interest
    }
}
