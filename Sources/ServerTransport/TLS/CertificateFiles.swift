internal import Glibc
internal import NIOSSL

/// Why certificates cannot be used: the file and the error. Never contains the file's content.
package struct CertificateError: Error, Sendable, Equatable, CustomStringConvertible {
    package let file: String
    package let reason: String

    package var description: String { "\(file): \(reason)" }
}

/// A certificate chain and its private key, as PEM files (RFC 7468).
struct CertificateFiles: Sendable {
    /// Identifies a state of a file. Includes the change time because of `chmod`, which does not change the rest.
    struct Stamp: Sendable, Equatable {
        private let numbers: [Int]

        /// nil when there is no such file.
        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            numbers = [
                Int(status.st_dev), Int(truncatingIfNeeded: status.st_ino), Int(status.st_size),
                status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
            ]
        }
    }

    private static let maximumBytes = 1_048_576

    let chain: String
    let key: String

    /// The state of both files now.
    var stamps: [Stamp?] { [Stamp(chain), Stamp(key)] }

    /// Makes the TLS configuration from both files: TLS 1.2 and later, with ciphers that keep past traffic secret when the key
    /// is lost (RFC 9325, section 4.2), and HTTP/1.1 alone.
    ///
    /// Blocks on the disk.
    func load() throws(CertificateError) -> NIOSSLContext {
        let certificates = try readChain()
        let privateKey = try readKey()
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuites = "ECDHE+AESGCM:ECDHE+CHACHA20"
        configuration.applicationProtocols = ["http/1.1"]
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw CertificateError(file: key, reason: "does not go with the first certificate in \(chain): \(error)")
        }
    }

    private func readChain() throws(CertificateError) -> [NIOSSLCertificate] {
        let bytes = try Self.read(chain, isSecret: false)
        let marks = bytes.split(separator: UInt8(ascii: "\n")).count { $0.first == UInt8(ascii: "-") }
        guard marks > 0 else { throw CertificateError(file: chain, reason: "has no PEM certificate") }
        let certificates: [NIOSSLCertificate]
        do {
            certificates = try NIOSSLCertificate.fromPEMBytes(bytes)
        } catch {
            throw CertificateError(file: chain, reason: "has a broken PEM certificate")
        }
        // A file that is still being written may end in the middle of a line: every mark must be one of a certificate.
        guard marks == certificates.count * 2 else {
            throw CertificateError(file: chain, reason: "is incomplete, or has more than certificates in it")
        }
        return certificates
    }

    private func readKey() throws(CertificateError) -> NIOSSLPrivateKey {
        let bytes = try Self.read(key, isSecret: true)
        guard !bytes.isEmpty else { throw CertificateError(file: key, reason: "is empty") }
        do {
            // The service asks for no passphrase: an encrypted key is an error.
            return try NIOSSLPrivateKey(bytes: bytes, format: .pem) { (_: NIOSSLPassphraseSetter<[UInt8]>) in }
        } catch {
            throw CertificateError(file: key, reason: "has no PEM private key, or an encrypted one")
        }
    }

    /// The content of a regular file. The checked and the read file are the same, even if the name changes.
    private static func read(_ path: String, isSecret: Bool) throws(CertificateError) -> [UInt8] {
        // Do not wait for a pipe's writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw failure(path, "cannot be opened") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path, "cannot be looked at") }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw CertificateError(file: path, reason: "is no regular file")
        }
        if isSecret, status.st_mode & 0o077 != 0 {
            let mode = "0" + String(status.st_mode & 0o777, radix: 8)
            throw CertificateError(file: path, reason: "is open to more than its owner, mode \(mode); chmod 600 it")
        }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, "cannot be read") }
            guard count > 0 else { return bytes }
            bytes += piece.prefix(count)
            guard bytes.count <= maximumBytes else {
                throw CertificateError(file: path, reason: "is larger than \(maximumBytes) bytes")
            }
        }
    }

    private static func failure(_ path: String, _ what: String) -> CertificateError {
        let error = errno
        return CertificateError(file: path, reason: "\(what): \(String(cString: strerror(error)))")
    }
}
