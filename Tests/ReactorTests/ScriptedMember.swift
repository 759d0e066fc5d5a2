import Glibc
import LinuxSystem
import Reactor
import Synchronization

/// A member that does what a test says.
final class ScriptedMember: ReactorMember {
    private let body: ([ReadyDescriptor]) -> ReactorInterest?
    private let onEnd: () -> Void

    init(onEnd: @escaping () -> Void = {}, _ body: @escaping ([ReadyDescriptor]) -> ReactorInterest?) {
        self.body = body
        self.onEnd = onEnd
    }

    deinit { onEnd() }

    func turn(ready: [ReadyDescriptor]) -> ReactorInterest? { body(ready) }
}

/// A pipe with a member that reads what is written, until it reads an X or end of file.
final class PipeReader: Sendable {
    let reader: SharedDescriptor
    let writer: SharedDescriptor
    let id: Reactor.MemberID
    private let seen = Mutex("")
    private let turns = Atomic<Int>(0)
    private let ended = Atomic<Bool>(false)

    init(on reactor: Reactor) throws {
        (reader, writer) = try Pipe.make().shared()
        id = reactor.newID()
        setNonblocking(reader.number)
        reactor.add(id) { [self] in
            ScriptedMember(onEnd: { self.ended.store(reactor.isCurrent, ordering: .relaxed) }, turn)
        }
    }

    var text: String { seen.withLock { $0 } }
    var turnCount: Int { turns.load(ordering: .relaxed) }
    /// Its member has been released, on the thread of the reactor.
    var hasEnded: Bool { ended.load(ordering: .relaxed) }

    func write(_ text: String) { _ = Glibc.write(writer.number, text, text.utf8.count) }

    private func turn(_ ready: [ReadyDescriptor]) -> ReactorInterest? {
        turns.add(1, ordering: .relaxed)
        if ready.contains(where: { $0.number == reader.number }) {
            var buffer = [UInt8](repeating: 0, count: 16)
            let count = read(reader.number, &buffer, buffer.count)
            if count >= 0 { seen.withLock { $0 += String(decoding: buffer.prefix(count), as: UTF8.self) } }
            if count == 0 || buffer.prefix(max(count, 0)).contains(UInt8(ascii: "X")) { return nil }
        }
        var interest = ReactorInterest()
        interest.watch(reader.number, Int16(POLLIN))
        return interest
    }
}

func setNonblocking(_ number: Int32) {
    _ = fcntl(number, F_SETFL, fcntl(number, F_GETFL) | O_NONBLOCK)
}
