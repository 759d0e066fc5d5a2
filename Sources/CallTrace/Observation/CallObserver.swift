internal import CLinux
internal import Glibc
package import LinuxSystem
internal import Synchronization

/// Answers the calls of one observed sandbox as its ordinary filter would, and notes what was refused and what was not there.
///
/// A call is let go on only where that filter lets it through, and then the kernel carries it out as it stands: the filter looks at
/// nothing that another thread could change meanwhile. All others get the errno of the filter. So a program can do here what it can do
/// otherwise, and nothing else. Safe to use from any thread; its work is done on one of its own.
package final class CallObserver: Sendable {
    private struct State {
        var log = TraceLog()
        var isStopped = false
        var hasEnded = false
    }

    private let state = Mutex(State())
    private let listener: SharedDescriptor
    private let ended = Gate()
    /// How often the thread looks whether it is to end, in milliseconds.
    private static let pause: Int32 = 100

    /// - Parameters:
    ///   - listener: of the sandbox, not used by anybody else.
    ///   - filter: the program that its filter consists of.
    package init(listener: SharedDescriptor, filter: FilterProgram) throws(SystemCallError) {
        self.listener = listener
        try DetachedThread.start { [self] in
            var desk = Desk(filter: filter)
            serve(&desk)
            state.withLock { $0.hasEnded = true }
            ended.open()
        }
    }

    /// What has been observed. The sandbox is gone, or its calls return ENOSYS from now on.
    package func finish() -> TraceLog {
        state.withLock { $0.isStopped = true }
        while !state.withLock({ $0.hasEnded }) { ended.wait() }
        listener.close()
        return state.withLock { $0.log }
    }

    private func serve(_ desk: inout Desk) {
        while !state.withLock({ $0.isStopped }) {
            var watched = pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0)
            let count = poll(&watched, 1, Self.pause)
            if count < 0, errno != EINTR { return }
            guard count > 0 else { continue }
            // Nobody is left whose calls it could be.
            guard watched.revents & Int16(POLLIN) != 0 else { return }
            var call = nestbox_observed_call()
            let result = nestbox_observer_receive(listener.number, &call)
            // Its thread has died since.
            if result == -ENOENT || result == -EINTR { continue }
            guard result == 0 else { return }
            answer(call, &desk)
        }
    }

    private func answer(_ call: nestbox_observed_call, _ desk: inout Desk) {
        let arguments = [
            call.arguments.0, call.arguments.1, call.arguments.2, call.arguments.3, call.arguments.4, call.arguments.5,
        ]
        let name = SyscallTable.name(of: call.number)
        let answer = desk.filter.answer(to: call.number, arguments)
        let notes = desk.notes(on: name, arguments, answer, pid: call.pid)
        // Only now is it sure that the memory and the files were those of the caller: while a call waits its pid is not used again.
        if nestbox_observer_waits(listener.number, call.id) == 1 {
            state.withLock { state in
                for note in notes {
                    switch note {
                    case .call(let call): state.log.add(call)
                    case .file(let file): state.log.add(file)
                    case .destination(let destination): state.log.add(destination)
                    }
                }
            }
        }
        switch answer {
        case .allow: _ = nestbox_observer_answer(listener.number, call.id, 0, 1)
        case .errno(let number): _ = nestbox_observer_answer(listener.number, call.id, number, 0)
        // No filter asks about these.
        case .kill: _ = nestbox_observer_answer(listener.number, call.id, EPERM, 0)
        }
    }
}

/// What the thread of an observer works with.
private struct Desk {
    enum Note {
        case call(TraceLog.Call)
        case file(TraceLog.File)
        case destination(TraceLog.Destination)
    }

    let filter: FilterProgram
    private var destinations = DestinationReader()
    private var lookup: FileLookup?
    /// The program has been found; what was looked at before is the search for it in PATH.
    private var hasStarted = false

    init(filter: FilterProgram) { self.filter = filter }

    mutating func notes(
        on name: String, _ arguments: [UInt64], _ answer: FilterProgram.Answer, pid: Int32
    ) -> [Note] {
        let memory = ProcessMemory(pid: pid)
        switch answer {
        case .errno(let number):
            let decoded = CallDecoder.decode(name, arguments) { memory.text(at: $0) }
            return [.call(TraceLog.Call(name: name, arguments: decoded, errno: number))]
        case .allow:
            if let file = FileCall.of(name) { return look(name, file, arguments, memory).map { [.file($0)] } ?? [] }
            return destinations.destinations(of: name, arguments, memory).map { .destination($0) }
        case .kill: return []
        }
    }

    private mutating func look(
        _ name: String, _ call: FileCall, _ arguments: [UInt64], _ memory: ProcessMemory
    ) -> TraceLog.File? {
        if lookup == nil { lookup = FileLookup(of: memory.pid) }
        guard let lookup, let text = memory.text(at: arguments[call.path]) else { return nil }
        let wish = call.wish(arguments, how: name == "openat2" ? memory.word(at: arguments[2]) : nil)
        let directory = call.directory.map { Int32(truncatingIfNeeded: arguments[$0]) }
        guard let path = lookup.path(text, of: memory.pid, in: directory == AT_FDCWD ? nil : directory) else {
            return nil
        }
        let follows = !["lstat", "readlink", "readlinkat", "symlink", "symlinkat"].contains(name)
        let refusal = lookup.refusal(of: path, for: wish, follows: follows, pid: memory.pid)
        if !hasStarted {
            hasStarted = wish == .execute && refusal == nil
            return nil
        }
        return refusal.map { TraceLog.File(path: ShownText.of(path), wish: wish, errno: $0) }
    }
}
