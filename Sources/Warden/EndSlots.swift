/// Numbers for living sandboxes, the lowest free one first: when the warden is killed, the sandbox with number n ends in lot
/// n / `EndBrake.lot`, all by itself. So no lot may ever have more than its size.
struct EndSlots {
    private var words: [UInt64] = []

    mutating func take() -> UInt32 {
        let index = words.firstIndex { $0 != .max } ?? words.count
        if index == words.count { words.append(0) }
        let bit = (~words[index]).trailingZeroBitCount
        words[index] |= 1 << UInt64(bit)
        return UInt32(index * UInt64.bitWidth + bit)
    }

    mutating func giveBack(_ slot: UInt32) {
        let index = Int(slot) / UInt64.bitWidth
        guard index < words.count else { return }
        words[index] &= ~(1 << UInt64(Int(slot) % UInt64.bitWidth))
    }
}
