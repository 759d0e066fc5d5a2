internal import Digests
internal import Foundation

/// An API key as the file keeps it: everything but the secret.
package struct AccessKey: Sendable, Equatable, Codable {
    /// Eight letters and digits: the name of the key in lists and logs.
    package var id: String
    package var name: String
    /// SHA-256 of the whole key text, in hexadecimal. A fast hash is right here: the secret is 256 random bits, not a
    /// password that can be guessed.
    package var hash: String
    /// In seconds since 1970, as the two below.
    package var created: Int64
    package var expires: Int64?
    package var revoked: Int64?
    /// Requests per minute, when that differs from the service's.
    package var rate: Int?
    /// Concurrent runs, when that differs from the service's.
    package var concurrent: Int?
    /// What it may do besides running programs; nil is a user's.
    package var role: KeyRole?

    /// Whether it may see and change what is not its own.
    package var isAdministrator: Bool { role == .admin }

    package static let prefix = "nbx_"
    /// `nbx_`, the id, `_`, 32 bytes in base64url.
    package static let textLength = 4 + 8 + 1 + 43
    private static let letters = Array("abcdefghijkmnpqrstuvwxyz23456789".utf8)

    /// A fresh key.
    ///
    /// - Returns: what is kept, and the text that is shown once.
    package static func make(
        name: String, now: Int64, expires: Int64? = nil, rate: Int? = nil, concurrent: Int? = nil,
        role: KeyRole? = nil
    ) -> (key: AccessKey, text: String) {
        var generator = SystemRandomNumberGenerator()
        let id = String(
            decoding: (0..<8).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] }, as: UTF8.self)
        let secret = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let encoded = Data(secret).base64EncodedString().map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }
        let text = prefix + id + "_" + String(encoded.filter { $0 != "=" })
        let key = AccessKey(
            id: id, name: name, hash: hash(of: text), created: now, expires: expires, revoked: nil, rate: rate,
            concurrent: concurrent, role: role)
        return (key, text)
    }

    /// The id inside a key text; nil for text that is no key.
    package static func id(in text: String) -> String? {
        guard text.utf8.count == textLength, text.hasPrefix(prefix) else { return nil }
        let id = text.dropFirst(prefix.count).prefix(8)
        return text.dropFirst(prefix.count + 8).first == "_" ? String(id) : nil
    }

    static func hash(of text: String) -> String {
        Hexadecimal.text(of: DigestAlgorithm.sha256.digest(of: Array(text.utf8)))
    }

    /// Compares in a time that does not depend on the position of the first difference.
    func matches(_ text: String) -> Bool {
        ConstantTime.equal(Array(hash.utf8), Array(Self.hash(of: text).utf8))
    }

    /// Whether it may be used at this time.
    package func isValid(at now: Int64) -> Bool {
        revoked == nil && (expires.map { now < $0 } ?? true)
    }
}
