/// Checks text that arrives in pieces, and determines with each byte whether it can still become valid UTF-8 (Unicode, table 3-7).
package struct UTF8Checker: Sendable {
    /// The number of missing continuation bytes, and the range of the next one.
    private var missing = 0
    private var range: ClosedRange<UInt8> = 0x80...0xbf

    package init() {}

    /// - Returns: false as soon as no continuation could make it valid.
    package mutating func push(_ bytes: some Sequence<UInt8>) -> Bool {
        // The fast path uses contiguous bytes, eight at a time while they are ASCII; the other is for bytes without contiguous storage.
        let isValid = bytes.withContiguousStorageIfAvailable { place in
            var place = UnsafeRawBufferPointer(place)
            while let next = place.first {
                if missing == 0, next < 0x80, place.count >= 8,
                    place.loadUnaligned(as: UInt64.self) & 0x8080_8080_8080_8080 == 0
                {
                    place = UnsafeRawBufferPointer(rebasing: place[8...])
                    continue
                }
                guard push(one: next) else { return false }
                place = UnsafeRawBufferPointer(rebasing: place[1...])
            }
            return true
        }
        return isValid ?? bytes.allSatisfy { push(one: $0) }
    }

    private mutating func push(one byte: UInt8) -> Bool {
        if missing > 0 {
            guard range.contains(byte) else { return false }
            missing -= 1
            range = 0x80...0xbf
            return true
        }
        switch byte {
        case 0..<0x80: break
        case 0xc2...0xdf: missing = 1
        case 0xe0: (missing, range) = (2, 0xa0...0xbf)
        case 0xed: (missing, range) = (2, 0x80...0x9f)
        case 0xe1...0xef: missing = 2
        case 0xf0: (missing, range) = (3, 0x90...0xbf)
        case 0xf1...0xf3: missing = 3
        case 0xf4: (missing, range) = (3, 0x80...0x8f)
        default: return false
        }
        return true
    }

    /// Whether the text may end here.
    package var isComplete: Bool { missing == 0 }
}
