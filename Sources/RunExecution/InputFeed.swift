internal import Glibc
internal import LinuxSystem

/// Moves a run's input to the program, without ever blocking on either side.
///
/// At most one buffer of it waits here. Lives on the run's thread.
struct InputFeed {
    /// What to poll for, and on which descriptor.
    struct Interest: Equatable {
        var descriptor: Int32
        var events: Int16
    }

    private enum Source {
        case bytes
        case descriptor(SharedDescriptor)
        case live(InputQueue)
        case ended
    }

    private static let bufferSize = 65_536

    private var source: Source
    private var waiting: [UInt8]
    private var written = 0
    /// The program's end; gone once the program has got its end of file, or reads no more.
    private var program: SharedDescriptor?
    private let isTerminal: Bool
    private var lastByte = UInt8(ascii: "\n")

    init(input: RunInput, program: SharedDescriptor, isTerminal: Bool) {
        self.program = program
        self.isTerminal = isTerminal
        switch input {
        case .empty:
            source = .ended
            waiting = []
        case .bytes(let bytes):
            source = .bytes
            waiting = bytes
        case .descriptor(let descriptor):
            source = .descriptor(descriptor)
            waiting = []
        case .live(let queue):
            source = .live(queue)
            waiting = []
        }
        setNonblocking(program.number)
        settle()
    }

    /// The source, when there is room for more of it.
    var sourceInterest: Interest? {
        guard program != nil, written == waiting.count, case .descriptor(let descriptor) = source else { return nil }
        return Interest(descriptor: descriptor.number, events: Int16(POLLIN))
    }

    /// The program, when something waits for it; without a wish to write only its going away is of interest.
    var programInterest: Interest? {
        guard let program else { return nil }
        if written < waiting.count { return Interest(descriptor: program.number, events: Int16(POLLOUT)) }
        return isTerminal ? nil : Interest(descriptor: program.number, events: 0)
    }

    /// Takes what has been typed. Says whether there was something.
    mutating func pull() -> Bool {
        guard case .live(let queue) = source, written == waiting.count else { return false }
        switch queue.take() {
        case .nothing: return false
        case .ended: source = .ended
        case .bytes(let bytes):
            waiting = bytes
            written = 0
            push()
        }
        settle()
        return true
    }

    /// Whether the program could only be waiting for new input: all there was has been written, and read.
    var isStarved: Bool {
        guard let program, case .live = source, written == waiting.count else { return false }
        guard !isTerminal else { return true }
        var unread: Int32 = 0
        return ioctl(program.number, UInt(FIONREAD), &unread) == 0 && unread == 0
    }

    mutating func sourceIsReady() {
        guard case .descriptor(let descriptor) = source, written == waiting.count else { return }
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.bufferSize) { buffer, count in
            count = max(read(descriptor.number, buffer.baseAddress, buffer.count), -1)
            if count < 0 {
                // Another reader took what was there: nothing has ended. Everything else has.
                readWasEmpty = lastErrno == EAGAIN || lastErrno == EINTR
                count = 0
            } else {
                readWasEmpty = false
            }
        }
        if bytes.isEmpty {
            if !readWasEmpty { source = .ended }
        } else {
            waiting = bytes
            written = 0
            push()
        }
        settle()
    }

    private var readWasEmpty = false

    mutating func programIsReady(_ events: Int16) {
        if events & Int16(POLLERR | POLLNVAL) != 0 {
            close()
            return
        }
        push()
        settle()
    }

    /// The program reads no more, or is gone.
    mutating func close() {
        // A terminal is also where the output comes from.
        if !isTerminal { program?.close() }
        program = nil
        if case .live(let queue) = source { queue.close() }
        source = .ended
        waiting = []
        written = 0
    }

    private mutating func push() {
        guard let program, written < waiting.count else { return }
        let count = waiting.withUnsafeBytes { buffer in
            write(program.number, buffer.baseAddress.map { $0 + written }, buffer.count - written)
        }
        if count < 0 {
            if lastErrno != EAGAIN, lastErrno != EINTR { close() }
            return
        }
        written += count
        lastByte = waiting[max(written - 1, 0)]
    }

    /// Passes the end of the input on, once all of it has been written.
    private mutating func settle() {
        guard written == waiting.count else { return }
        switch source {
        case .descriptor, .live: return
        case .bytes: source = .ended
        case .ended: break
        }
        guard let program else { return }
        guard isTerminal else {
            close()
            return
        }
        // A terminal has no end: the line discipline makes one of control-D, immediately only at the start of a line.
        let ends: [UInt8] = lastByte == UInt8(ascii: "\n") ? [4] : [4, 4]
        _ = write(program.number, ends, ends.count)
        close()
    }
}

/// Makes calls on a descriptor that is ours alone return instead of waiting.
func setNonblocking(_ descriptor: Int32) {
    let flags = fcntl(descriptor, F_GETFL)
    if flags >= 0, flags & O_NONBLOCK == 0 { _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) }
}
