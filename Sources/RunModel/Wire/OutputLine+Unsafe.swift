internal import FoundationEssentials
internal import StrictJSON

/// The line of JSON of an output event, before it is put together: the program's bytes are copied once, to where they are sent
/// from.
package struct OutputLine: Sendable {
    private let head: [UInt8]
    private let tail: [UInt8]
    private let data: [UInt8]
    private let isText: Bool
    /// How many bytes the line has.
    package let size: Int

    init(head: [UInt8], text: OutputText, isText: Bool, tail: [UInt8]) {
        self.head = head
        self.tail = tail
        self.isText = isText
        data = isText ? text.bytes : Array(Data(text.bytes).base64EncodedData())
        size = head.count + tail.count + (isText ? JSONWriter.size(of: data) : data.count + 2)
    }

    /// Writes the line.
    ///
    /// - Parameter output: room for `size` bytes; less is a programming error, which ends the process.
    /// - Returns: `size`.
    package func write(to output: UnsafeMutableRawBufferPointer) -> Int {
        var rest = output
        func advance(_ count: Int) { rest = UnsafeMutableRawBufferPointer(rebasing: rest[count...]) }
        func copy(_ bytes: [UInt8]) {
            rest.copyBytes(from: bytes)
            advance(bytes.count)
        }
        copy(head)
        if isText {
            advance(JSONWriter.write(data, to: rest))
        } else {
            copy([UInt8(ascii: "\"")])
            copy(data)
            copy([UInt8(ascii: "\"")])
        }
        copy(tail)
        return size
    }

    /// The line by itself.
    package var bytes: [UInt8] {
        // SAFETY: `write` fills exactly the `size` bytes that it says it has, within the bounds of the buffer.
        [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = write(to: UnsafeMutableRawBufferPointer(buffer))
        }
    }
}
