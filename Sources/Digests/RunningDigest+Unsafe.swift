internal import CCrypto

/// A digest that grows as bytes arrive.
///
/// libcrypto computes it; this file implements no cryptography. A libcrypto that has no memory or lacks the algorithm
/// ends the process, as a failed allocation does: no input of a client can cause that.
package struct RunningDigest: ~Copyable {
    private let algorithm: DigestAlgorithm
    /// An `EVP_MD_CTX`, which belongs to this value alone.
    private let context: OpaquePointer

    /// The digest of no bytes so far.
    package init(_ algorithm: DigestAlgorithm) {
        // SAFETY: the context is fresh, and freed in deinit alone.
        let context = unsafe EVP_MD_CTX_new()
        guard let context = unsafe context else { preconditionFailure("libcrypto has no memory") }
        unsafe self.context = context
        self.algorithm = algorithm
        start()
    }

    deinit {
        // SAFETY: the value is not copyable, so nothing else has this pointer.
        unsafe EVP_MD_CTX_free(context)
    }

    private func start() {
        // SAFETY: the context lives as long as self; the algorithms are constants of the library.
        let status = unsafe EVP_DigestInit_ex(context, algorithm == .sha256 ? EVP_sha256() : EVP_sha1(), nil)
        precondition(status == 1, "libcrypto lacks an algorithm")
    }

    /// Appends bytes.
    package mutating func update(_ bytes: [UInt8]) {
        let status = bytes.withUnsafeBytes { buffer in
            // SAFETY: the function reads the buffer, whose length goes along, before it returns.
            unsafe EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
        }
        precondition(status == 1, "libcrypto cannot go on with a digest")
    }

    /// The digest of all bytes so far, `byteCount` of its algorithm long. Afterwards it is the digest of no bytes again.
    package mutating func finish() -> [UInt8] {
        var length: UInt32 = 0
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        let status = digest.withUnsafeMutableBufferPointer { buffer in
            // SAFETY: the buffer holds the longest digest that the library has.
            unsafe EVP_DigestFinal_ex(context, buffer.baseAddress, &length)
        }
        precondition(status == 1 && length == algorithm.byteCount, "libcrypto cannot end a digest")
        start()
        return Array(digest.prefix(Int(length)))
    }
}
