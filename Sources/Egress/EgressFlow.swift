internal import Glibc

/// Bytes on their way in one direction: what has been read and not yet written. A reader that is slow holds the writer up.
struct EgressFlow {
    /// No more than so many bytes wait.
    static let capacity = 65_536

    private var bytes: [UInt8] = []
    private var start = 0
    /// Nothing more comes.
    var isEnded = false
    /// The other side has been told.
    var isShut = false

    var count: Int { bytes.count - start }
    var room: Int { isEnded ? 0 : max(0, Self.capacity - count) }
    var isDone: Bool { isEnded && count == 0 }

    mutating func append(_ more: some Sequence<UInt8>) { bytes += more }

    /// Writes what there is.
    ///
    /// - Returns: how many bytes went, or the error.
    mutating func write(to socket: Int32) -> SocketCalls.Result {
        guard count > 0 else { return .bytes(0) }
        let result = SocketCalls.write(socket, bytes[start...])
        if case .bytes(let count) = result {
            start += count
            if start == bytes.count {
                bytes.removeAll(keepingCapacity: true)
                start = 0
            } else if start > Self.capacity {
                bytes.removeFirst(start)
                start = 0
            }
        }
        return result
    }
}
