internal import Glibc
internal import LinuxSystem
internal import RunModel

/// One output of a program: reads what is there and cuts it into text. Lives on the run's thread.
struct OutputTap {
    enum Reading {
        case bytes(UnsafeRawBufferPointer)
        case nothing
        case end
    }

    let stream: OutputStream
    private(set) var descriptor: SharedDescriptor?
    private var splitter = UTF8Splitter()

    init(_ stream: OutputStream, _ descriptor: SharedDescriptor) {
        self.stream = stream
        self.descriptor = descriptor
        setNonblocking(descriptor.number)
    }

    /// One read. The bytes are in `buffer`, until the next read into it.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Reading {
        guard let descriptor else { return .end }
        let count = Glibc.read(descriptor.number, buffer.baseAddress, buffer.count)
        if count > 0 { return .bytes(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
        if count < 0, lastErrno == EAGAIN || lastErrno == EINTR { return .nothing }
        // A terminal without a program reads EIO; there is nothing more to come from any other error either.
        close()
        return .end
    }

    mutating func close() {
        descriptor?.close()
        descriptor = nil
    }

    mutating func cut(_ bytes: some Collection<UInt8>) -> [UInt8] {
        splitter.push(bytes)
    }

    mutating func rest() -> [UInt8] {
        splitter.flush()
    }
}
