internal import Glibc
internal import LinuxSystem

/// The root process behind a service that has given its rights up: it starts wardens for it, one at a time, and cleans up
/// after those that died.
///
/// On its socket, one packet of one byte asks for a warden; the answer is four bytes errno (0: none) and, with it, the
/// socket to talk to the new warden. The end of the socket is the end of everything: warden, sandboxes, keeper.
struct Keeper {
    /// How long a warden whose client has gone may take to end its sandboxes.
    private static let exitTimeout: Int32 = 10_000
    /// How long one that is stopped or does not listen may take, and one that was killed.
    private static let killTimeout: Int32 = 1_000
    /// How long a sweep may take.
    private static let sweepTimeout: Int32 = 20_000
    /// A warden that dies immediately is not started again immediately.
    private static let shortestInterval: Int64 = 50_000_000

    let socket: Int32
    /// Our own executable, and the arguments of each warden besides its socket.
    let executable: String
    let arguments: [String]

    private var child: (pid: Int32, descriptor: SharedDescriptor)?
    private var startedAt: Int64 = 0
    /// Killed, and stuck in the kernel; reaped when it lets go of them.
    private var stuck: [Int32] = []

    init(socket: Int32, executable: String, arguments: [String]) {
        self.socket = socket
        self.executable = executable
        self.arguments = arguments
    }

    /// Serves until its client is gone.
    mutating func run() throws(SystemCallError) {
        // Whatever ends this, nothing of ours survives it.
        defer { finishChild() }
        // Told to end by anybody but the client, a service would lose its wardens before it has ended its runs.
        let ignored = try TerminationSignals()
        while ignored.descriptor.number >= 0 {
            stuck.removeAll { hasEnded(child: $0) }
            let (isAsked, isOrphaned) = try Readiness.wait(socket, child?.descriptor.number ?? -1, timeout: -1)
            if isOrphaned { bury() }
            guard isAsked else { continue }
            do throws(SystemCallError) {
                let packet = try PacketSocket.receive(on: socket, limit: 16, maximumDescriptors: 0)
                if packet.bytes.isEmpty { return }
                try answer()
            } catch {
                // The client has gone without waiting for its answer.
                guard error.errno == ECONNRESET || error.errno == EPIPE else { throw error }
                return
            }
        }
    }

    private mutating func answer() throws(SystemCallError) {
        // The client asks again when it has lost its warden: whatever is left of that one ends first.
        finishChild()
        let early = startedAt + Self.shortestInterval - monotonicNow()
        if startedAt > 0, early > 0 { _ = try Readiness.wait(-1, -1, timeout: Int32(early / 1_000_000) + 1) }
        startedAt = monotonicNow()
        do throws(SystemCallError) {
            let pair = try PacketSocket.pair()
            let pid = try ProgramStart.run(
                executable, ["--socket-fd", "3", "--child-of", "\(getpid())"] + arguments, socket: pair.second.number,
                standardError: -1)
            child = (pid, try Self.watch(pid))
            try PacketSocket.send([0, 0, 0, 0], descriptors: [pair.first.number], on: socket)
        } catch {
            let number = UInt32(bitPattern: error.errno)
            try PacketSocket.send((0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }, on: socket)
        }
    }

    private static func watch(_ pid: Int32) throws(SystemCallError) -> SharedDescriptor {
        do throws(SystemCallError) {
            return SharedDescriptor(try PidDescriptor.open(pid))
        } catch {
            // Without it the end of the process could not be waited for.
            _ = kill(pid, SIGKILL)
            waitFor(child: pid)
            throw error
        }
    }

    /// Has the warden end its sandboxes and itself, as it does when its client is gone; kills it when that takes too
    /// long.
    private mutating func finishChild() {
        guard let living = child else { return }
        _ = kill(living.pid, SIGTERM)
        var hasEnded = false
        // An error of poll(2) means the same as a timeout: no more waiting.
        do throws(SystemCallError) {
            hasEnded = try Readiness.wait(living.descriptor.number, -1, timeout: Self.killTimeout).first
            // One that is stopped (SIGSTOP, a debugger) does not act on SIGTERM.
            if !hasEnded, !Self.isStopped(living.pid) {
                let left = Self.exitTimeout - Self.killTimeout
                hasEnded = try Readiness.wait(living.descriptor.number, -1, timeout: left).first
            }
        } catch {}
        if !hasEnded { _ = kill(living.pid, SIGKILL) }
        bury()
    }

    private static func isStopped(_ pid: Int32) -> Bool {
        do throws(SystemCallError) {
            let text = try Files.read("/proc/\(pid)/stat", limit: 1024)
            guard let end = text.lastIndex(of: UInt8(ascii: ")")), end + 2 < text.count else { return false }
            return text[end + 2] == UInt8(ascii: "T") || text[end + 2] == UInt8(ascii: "t")
        } catch {
            return false
        }
    }

    /// Reaps a warden that has ended, and sweeps up after it.
    private mutating func bury() {
        guard let dead = child else { return }
        child = nil
        reap(dead.pid, dead.descriptor, within: Self.killTimeout, what: "warden")
        // It cleans up itself when it ends in order, and then there is nothing to be found.
        do throws(SystemCallError) {
            let sweep = try ProgramStart.run(executable, ["--sweep"] + arguments, socket: -1, standardError: -1)
            reap(sweep, try Self.watch(sweep), within: Self.sweepTimeout, what: "sweep")
        } catch {}
    }

    /// Reaps a child that has ended or is about to. One that does not is killed, and left if that is of no use: it is stuck in
    /// the kernel, and the keeper must not wait for it.
    private mutating func reap(_ pid: Int32, _ descriptor: SharedDescriptor, within timeout: Int32, what: String) {
        for attempt in [timeout, Self.killTimeout] {
            do throws(SystemCallError) { _ = try Readiness.wait(descriptor.number, -1, timeout: attempt) } catch {}
            if hasEnded(child: pid) { return }
            _ = kill(pid, SIGKILL)
        }
        WardenCommand.logError("left behind: \(what) \(pid), which does not end in spite of SIGKILL")
        stuck.append(pid)
    }
}
