/// A block of addresses: `10.0.0.0/8`, `fd00::/8`, or one address.
package struct AddressRange: Sendable, Equatable {
    private let base: [UInt8]
    private let bits: Int

    /// - Parameters:
    ///   - address: four or sixteen bytes.
    ///   - prefixLength: how many bits of it count.
    package init(address: [UInt8], prefixLength: Int) {
        base = address
        bits = min(max(prefixLength, 0), address.count * 8)
    }

    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = parts.first, !first.contains(where: { "[ \t".contains($0) }),
            let address = ClientAddress(first)
        else { return nil }
        // No port, and no IPv4 written as IPv6, whose prefix length would have another meaning.
        guard address.bytes.count == 16 || !first.contains(":") else { return nil }
        let all = address.bytes.count * 8
        guard let bits = parts.count == 2 ? ClientAddress.decimal(parts[1], Int.self) : all, (0...all).contains(bits)
        else {
            return nil
        }
        base = address.bytes
        self.bits = bits
    }

    func contains(_ address: ClientAddress) -> Bool {
        guard address.bytes.count == base.count else { return false }
        for index in 0..<base.count {
            let left = bits - index * 8
            guard left > 0 else { return true }
            let mask: UInt8 = left >= 8 ? 0xff : ~(0xff >> UInt8(left))
            if base[index] & mask != address.bytes[index] & mask { return false }
        }
        return true
    }
}
