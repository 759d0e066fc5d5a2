/// Numbers for living sandboxes, the lowest free ones first: when the warden is killed, the sandbox with number n ends in lot
/// n / `EndBrake.lot`, all by itself. So no lot may ever have more than its size.
struct EndSlots {
    private var words: [UInt64] = []

    /// - Parameter weight: as how many it counts; a power of two, at most 64, so that all are in one lot.
    mutating func take(_ weight: Int = 1) -> UInt32 {
        for index in words.indices {
            if let bit = Self.free(in: words[index], weight) { return mark(index, bit, weight) }
        }
        words.append(0)
        return mark(words.count - 1, 0, weight)
    }

    private static func free(in word: UInt64, _ weight: Int) -> Int? {
        stride(from: 0, to: UInt64.bitWidth, by: weight).first { word & (mask(weight) << UInt64($0)) == 0 }
    }

    private static func mask(_ weight: Int) -> UInt64 { weight >= UInt64.bitWidth ? .max : (1 << UInt64(weight)) - 1 }

    private mutating func mark(_ index: Int, _ bit: Int, _ weight: Int) -> UInt32 {
        words[index] |= Self.mask(weight) << UInt64(bit)
        return UInt32(index * UInt64.bitWidth + bit)
    }

    mutating func giveBack(_ slot: UInt32, _ weight: Int = 1) {
        let index = Int(slot) / UInt64.bitWidth
        guard index < words.count else { return }
        words[index] &= ~(Self.mask(weight) << UInt64(Int(slot) % UInt64.bitWidth))
    }
}
