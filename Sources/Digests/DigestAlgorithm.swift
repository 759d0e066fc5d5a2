/// A hash function of the system's libcrypto.
package enum DigestAlgorithm: Sendable, CaseIterable {
    /// For contents and keys.
    case sha256
    /// Not collision-resistant; only for the handshake of WebSockets (RFC 6455), which does not rely on that.
    case sha1

    /// The length of a digest, in bytes.
    package var byteCount: Int {
        switch self {
        case .sha256: 32
        case .sha1: 20
        }
    }
}
