/// The last bytes of something, in bounded memory.
struct ByteTail {
    static let size = 4096
    private var kept: [UInt8] = []

    mutating func add(_ bytes: some Collection<UInt8>) {
        kept.append(contentsOf: bytes.suffix(Self.size))
        if kept.count > 4 * Self.size { kept.removeFirst(kept.count - Self.size) }
    }

    var bytes: [UInt8] { kept.suffix(Self.size) }
}
