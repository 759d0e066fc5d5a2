/// A hash function of the system's libcrypto.
package enum DigestAlgorithm: Sendable, CaseIterable {
    /// What contents and keys are known by.
    case sha256
    /// Broken against collisions, and here for the handshake of WebSockets (RFC 6455) alone, which does not rely on it.
    case sha1

    /// How long a digest is, in bytes.
    package var byteCount: Int {
        switch self {
        case .sha256: 32
        case .sha1: 20
        }
    }
}
