import Foundation
import Glibc
import NIOSSL
import TestSupport
import Testing

@testable import ServerTransport

@Suite("Certificates that are read again", .enabled(if: Authority.openssl != nil), .timeLimit(.minutes(5)))
struct ReloadingCertificatesTests {
    private func load(_ authority: Authority) throws(CertificateError) -> ReloadingCertificates {
        try ReloadingCertificates(chain: authority.chain, key: authority.key)
    }

    /// What is said of files that cannot be used.
    private func refusal(_ authority: Authority) -> CertificateError? {
        do throws(CertificateError) {
            _ = try load(authority)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "Certificates of both common kinds are taken",
        arguments: [["rsa:2048"], ["ec", "-pkeyopt", "ec_paramgen_curve:secp384r1"]])
    func kinds(algorithm: [String]) throws {
        let authority = try Authority()
        try authority.install(try authority.make("a", algorithm: algorithm))
        _ = try load(authority)
    }

    @Test("The server speaks TLS 1.2 and later, HTTP/1.1, and keeps the past secret")
    func configuration() throws {
        let authority = try Authority()
        try authority.install(try authority.make("a"))
        let configuration = try load(authority).current.configuration
        #expect(configuration.minimumTLSVersion == .tlsv12)
        #expect(configuration.applicationProtocols == ["http/1.1"])
        let ciphers = Set(configuration.cipherSuiteValues)
        #expect(ciphers.contains(.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256))
        #expect(ciphers.contains(.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256))
        let weak: Set<NIOTLSCipher> = [
            .TLS_RSA_WITH_AES_128_CBC_SHA, .TLS_RSA_WITH_AES_256_CBC_SHA, .TLS_RSA_WITH_AES_128_GCM_SHA256,
            .TLS_RSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
            .TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
        ]
        #expect(ciphers.isDisjoint(with: weak))
    }

    @Test(
        "A key that others may read or write is refused",
        arguments: [0o640, 0o604, 0o660, 0o644, 0o620, 0o602] as [mode_t])
    func permissions(mode: mode_t) throws {
        let authority = try Authority()
        let pair = try authority.make("a")
        try authority.install(pair)
        try authority.replace(authority.key, pair.key, mode: mode)
        let error = try #require(refusal(authority))
        #expect(error.file == authority.key)
        #expect(error.reason.contains("0" + String(mode, radix: 8)))
        try authority.replace(authority.key, pair.key, mode: 0o400)
        #expect(refusal(authority) == nil)
    }

    @Test("Files that are missing, or no files, are named and never waited for")
    func noFiles() throws {
        let authority = try Authority()
        let pair = try authority.make("a")
        #expect(refusal(authority)?.description.hasPrefix(authority.chain + ": cannot be opened: No such file") == true)
        try authority.install(pair)
        for path in [authority.chain, authority.key] {
            try FileManager.default.removeItem(atPath: path)
            #expect(refusal(authority)?.file == path)
            try #require(mkfifo(path, 0o600) == 0)
            #expect(refusal(authority) == CertificateError(file: path, reason: "is no regular file"))
            try FileManager.default.removeItem(atPath: path)
            try #require(mkdir(path, 0o700) == 0)
            #expect(refusal(authority) == CertificateError(file: path, reason: "is no regular file"))
            try FileManager.default.removeItem(atPath: path)
            try authority.install(pair)
        }
        #expect(refusal(authority) == nil)
    }

    @Test("Files with the wrong content are named, and nothing of a key is said")
    func wrongContent() throws {
        let authority = try Authority()
        let (one, other) = (try authority.make("one"), try authority.make("other"))
        let junk = Array("not a PEM file\n".utf8)
        let large = [UInt8](repeating: 10, count: 1_048_577)
        let chains: [[UInt8]] = [
            [], junk, one.key, one.chain + one.key, one.chain + junk + Array("-----".utf8), large, [0],
        ]
        for chain in chains {
            try authority.install(Authority.Pair(chain: chain, key: one.key))
            #expect(refusal(authority)?.file == authority.chain)
        }
        for key in [[], junk, one.chain, other.key, large, [0], Array(one.key.dropLast(40))] {
            try authority.install(Authority.Pair(chain: one.chain, key: key))
            let error = try #require(refusal(authority))
            #expect(error.file == authority.key)
            #expect(!error.reason.contains("BEGIN"))
        }
        // Comments between certificates are common.
        try authority.install(Authority.Pair(chain: junk + one.chain + junk + other.chain, key: one.key))
        #expect(refusal(authority) == nil)
    }

    @Test("An encrypted key is refused, and nobody is asked for its passphrase")
    func encrypted() throws {
        let authority = try Authority()
        let pair = try authority.make("a")
        try authority.install(pair)
        for form in [["pkcs8", "-topk8"], ["ec", "-aes256"]] {
            let out = authority.directory + "/encrypted"
            try authority.run(form + ["-in", authority.key, "-passout", "pass:secret", "-out", out])
            try authority.replace(authority.key, try authority.bytes(out), mode: 0o600)
            #expect(
                refusal(authority)
                    == CertificateError(file: authority.key, reason: "has no PEM private key, or an encrypted one"))
            try authority.install(pair)
        }
    }

    @Test("Files that have not changed are left alone; new ones are taken, also after a failure")
    func reload() throws {
        let authority = try Authority()
        let (one, other) = (try authority.make("one"), try authority.make("other"))
        try authority.install(one)
        let certificates = try load(authority)
        let first = certificates.current
        #expect(try !certificates.reloadIfChanged())
        #expect(certificates.current === first)

        // One file is new, the other is not yet: said once, and the old ones stay.
        try authority.replace(authority.chain, other.chain, mode: 0o644)
        #expect(throws: CertificateError.self) { try certificates.reloadIfChanged() }
        #expect(try !certificates.reloadIfChanged())
        #expect(throws: CertificateError.self) { try certificates.reload() }
        #expect(certificates.current === first)
        try authority.replace(authority.key, other.key, mode: 0o600)
        #expect(try certificates.reloadIfChanged())
        let second = certificates.current
        #expect(second !== first)

        // Permissions are noticed, and so is that they have been put right.
        try #require(chmod(authority.key, 0o644) == 0)
        #expect(throws: CertificateError.self) { try certificates.reloadIfChanged() }
        try #require(chmod(authority.key, 0o600) == 0)
        #expect(try certificates.reloadIfChanged())

        // Gone, and back.
        try FileManager.default.removeItem(atPath: authority.chain)
        #expect(throws: CertificateError.self) { try certificates.reloadIfChanged() }
        #expect(try !certificates.reloadIfChanged())
        try authority.install(one)
        #expect(try certificates.reloadIfChanged())
        try certificates.reload()
    }

    @Test("Wherever the writing of a file stops, the old certificates stay")
    func halfWritten() throws {
        let authority = try Authority()
        let (one, other) = (try authority.make("one"), try authority.make("other"))
        let whole = Authority.Pair(chain: one.chain + other.chain, key: one.key)
        try authority.install(whole)
        let certificates = try load(authority)
        let first = certificates.current
        // A file may well end behind its first certificate: that is a shorter chain.
        let shorter = [one.chain.count - 1, one.chain.count]
        for cut in 0..<(whole.chain.count - 1) where !shorter.contains(cut) {
            try authority.overwrite(authority.chain, whole.chain.prefix(cut))
            #expect(throws: CertificateError.self, "cut at \(cut)") { try certificates.reload() }
        }
        try authority.overwrite(authority.chain, whole.chain)
        for cut in 0..<(whole.key.count - 1) {
            try authority.overwrite(authority.key, whole.key.prefix(cut))
            #expect(throws: CertificateError.self, "cut at \(cut)") { try certificates.reload() }
        }
        #expect(certificates.current === first)
        try authority.overwrite(authority.key, whole.key)
        try certificates.reload()
        #expect(certificates.current !== first)
    }

    @Test("Damaged files are refused or taken, and never trap")
    func damaged() throws {
        let authority = try Authority()
        let pair = try authority.make("a")
        try authority.install(pair)
        let certificates = try load(authority)
        var random = RandomText(seed: 51)
        var refused = 0
        for round in 0..<2000 {
            let isKey = round % 2 == 0
            var bytes = isKey ? pair.key : pair.chain
            for _ in 0...random.below(3) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
            try authority.overwrite(isKey ? authority.key : authority.chain, bytes)
            do throws(CertificateError) {
                try certificates.reload()
            } catch {
                refused += 1
                #expect([authority.key, authority.chain].contains(error.file))
            }
            try authority.overwrite(isKey ? authority.key : authority.chain, isKey ? pair.key : pair.chain)
        }
        #expect(refused > 1000)
        try certificates.reload()
    }
}
