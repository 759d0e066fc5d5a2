/// A range of addresses with a common prefix, such as 10.1.2.0/24.
package struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    package let base: IPAddress
    /// How many bits of `base` count.
    package let bits: Int

    /// Reads `10.1.2.0/24`, `fd00:1::/48`, or one address.
    ///
    /// - Returns: nil for anything else, also when bits are set behind the prefix: whoever writes 10.1.2.3/24 means
    ///   either one address or another range.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2, let base = IPAddress(String(first)) else { return nil }
        let most = base.bytes.count * 8
        if parts.count == 2 {
            guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                parts[1] == "0" || !parts[1].hasPrefix("0"), let number = Int(parts[1]), number <= most
            else { return nil }
            bits = number
        } else {
            bits = most
        }
        self.base = base
        for bit in bits..<most where base.bytes[bit / 8] & (0x80 >> UInt8(bit % 8)) != 0 { return nil }
    }

    package func contains(_ address: IPAddress) -> Bool {
        address.isV6 == base.isV6 && address.begins(with: base.bytes, bits: bits)
    }

    package var description: String { "\(base)/\(bits)" }
}
