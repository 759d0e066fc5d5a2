internal import Glibc

/// A block of IP addresses, such as `10.0.0.0/8` and `fd00::/8`, or one address.
package struct AddressBlock: Sendable, Equatable {
    /// Four or sixteen bytes, the first one first.
    package let address: [UInt8]
    /// How many bits of the address count: all of them for one address.
    package let prefixLength: Int

    /// - Returns: nil unless `text` is an address, or one and a prefix length that fits.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        var bytes = [UInt8](repeating: 0, count: 16)
        guard parts.count <= 2, let address = parts.first, address.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
        let isFour = inet_pton(AF_INET, String(address), &bytes) == 1
        guard isFour || inet_pton(AF_INET6, String(address), &bytes) == 1 else { return nil }
        // An IPv4 address that is written as IPv6 is compared as IPv4, and its bits would mean something else.
        let mapped: [UInt8] = [UInt8](repeating: 0, count: 10) + [0xff, 0xff]
        guard isFour || Array(bytes.prefix(12)) != mapped else { return nil }
        let all = isFour ? 32 : 128
        self.address = Array(bytes.prefix(all / 8))
        guard parts.count == 2 else {
            prefixLength = all
            return
        }
        guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(parts[1]),
            (0...all).contains(length)
        else { return nil }
        prefixLength = length
    }
}
