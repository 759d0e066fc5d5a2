internal import Digests
internal import Testing

@Suite("Digests by libcrypto")
struct DigestsTests {
    private static let twoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"

    @Test(
        "SHA-256 of the vectors of FIPS 180-4",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (twoBlocks, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
        ])
    func sha256(_ text: String, _ expected: String) {
        #expect(Hexadecimal.text(of: DigestAlgorithm.sha256.digest(of: Array(text.utf8))) == expected)
    }

    @Test(
        "SHA-1 of the vectors of FIPS 180-4",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (twoBlocks, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
        ])
    func sha1(_ text: String, _ expected: String) {
        #expect(Hexadecimal.text(of: DigestAlgorithm.sha1.digest(of: Array(text.utf8))) == expected)
    }

    @Test("A million letters, in pieces of every size up to a block and more", arguments: DigestAlgorithm.allCases)
    func pieces(_ algorithm: DigestAlgorithm) {
        let expected =
            algorithm == .sha256
            ? "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            : "34aa973cd4c4daa4f61eeb2bdbad27316534016f"
        var running = RunningDigest(algorithm)
        var left = 1_000_000
        var size = 0
        while left > 0 {
            size = size == 130 ? 0 : size + 1
            running.update([UInt8](repeating: UInt8(ascii: "a"), count: min(size, left)))
            left -= min(size, left)
        }
        #expect(Hexadecimal.text(of: running.finish()) == expected)
    }

    @Test("A digest that was finished starts again", arguments: DigestAlgorithm.allCases)
    func again(_ algorithm: DigestAlgorithm) {
        var running = RunningDigest(algorithm)
        running.update([1, 2, 3])
        let first = running.finish()
        #expect(first.count == algorithm.byteCount)
        #expect(running.finish() == algorithm.digest(of: []))
        running.update([1, 2, 3])
        #expect(running.finish() == first)
    }

    @Test("Equal bytes are equal, and a difference is found at every place")
    func comparison() {
        let bytes = (0..<64).map { UInt8($0) }
        #expect(ConstantTime.equal(bytes, bytes))
        #expect(ConstantTime.equal([], []))
        #expect(!ConstantTime.equal(bytes, Array(bytes.dropLast())))
        #expect(!ConstantTime.equal([], [0]))
        for place in bytes.indices {
            var other = bytes
            other[place] ^= 0x80
            #expect(!ConstantTime.equal(bytes, other))
        }
    }

    @Test("Bytes are written with two digits each")
    func hexadecimal() {
        #expect(Hexadecimal.text(of: [0, 9, 10, 0x7f, 0xff]) == "00090a7fff")
        #expect(Hexadecimal.text(of: []) == "")
    }
}
