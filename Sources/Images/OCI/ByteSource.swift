internal import Glibc

/// Bytes that come one after the other: a file, a part of a file, the output of a decompressor.
protocol ByteSource: AnyObject {
    /// The next `count` bytes; fewer only at the end.
    func read(_ count: Int) throws(ImageError) -> [UInt8]

    /// Passes over `count` bytes; the end may come first.
    func skip(_ count: Int64) throws(ImageError)
}

/// A range of an open file.
final class FileSource: ByteSource {
    private let file: FileDescriptor
    private(set) var offset: Int64
    let end: Int64

    init(_ file: consuming FileDescriptor, range: Range<Int64>) {
        self.file = file
        offset = range.lowerBound
        end = range.upperBound
    }

    func read(_ count: Int) throws(ImageError) -> [UInt8] {
        let bytes = try file.read(at: offset, count: Int(min(Int64(count), end - offset)))
        offset += Int64(bytes.count)
        return bytes
    }

    func skip(_ count: Int64) {
        offset += min(max(0, count), end - offset)
    }
}
