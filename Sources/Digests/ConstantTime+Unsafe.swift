internal import CCrypto

/// Comparisons of secrets.
package enum ConstantTime {
    /// Whether two byte strings are the same, in a time that depends only on their lengths, not on where they differ.
    package static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in
                // SAFETY: both buffers have that length. An empty one may have no address, and is not looked at.
                unsafe left.isEmpty || CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
            }
        }
    }
}
