internal import NIOCore
internal import RunModel

extension ByteBuffer {
    /// The line of an event. What a program wrote is copied once, from the event into the buffer.
    ///
    /// - Parameter ref: the submitter's reference; included in `accepted`.
    init(line event: RunEvent, ref: String? = nil) {
        self.init()
        writeLine(of: event, ref: ref)
    }

    mutating func writeLine(of event: RunEvent, ref: String? = nil) {
        guard let output = event.outputLine else {
            writeBytes(event.line(ref: ref))
            return
        }
        // SAFETY: the pointer is used inside the closure only, and the line has exactly the size that was asked for.
        writeWithUnsafeMutableBytes(minimumWritableBytes: output.size) { output.write(to: $0) }
    }

    /// A binary frame.
    init(_ frame: BinaryFrame) {
        self.init()
        reserveCapacity(BinaryFrame.headerBytes + frame.payload.count)
        writeBytes(frame.header)
        writeBytes(frame.payload)
    }
}
