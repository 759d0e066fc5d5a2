import Testing

@testable import AccessKeys

@Suite("API keys")
struct AccessKeyTests {
    @Test("have the form nbx_ID_SECRET, with 43 characters of base64url")
    func form() throws {
        for _ in 0..<200 {
            let (key, text) = AccessKey.make(name: "a", now: 5)
            #expect(text.utf8.count == AccessKey.textLength)
            #expect(text.hasPrefix("nbx_\(key.id)_"))
            #expect(text.dropFirst(13).allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) })
            #expect(AccessKey.id(in: text) == key.id)
            #expect(key.matches(text))
        }
    }

    @Test("are never the same twice")
    func different() {
        let made = (0..<500).map { _ in AccessKey.make(name: "a", now: 5) }
        #expect(Set(made.map(\.text)).count == 500)
        #expect(Set(made.map(\.key.hash)).count == 500)
    }

    @Test("are kept as the SHA-256 of the whole text")
    func hash() {
        // FIPS 180-2, appendix B.1.
        #expect(AccessKey.hash(of: "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test("match their own text alone: no shorter, longer or other one")
    func matching() {
        let (key, text) = AccessKey.make(name: "a", now: 5)
        #expect(!key.matches(text + "a") && !key.matches(String(text.dropLast())) && !key.matches(""))
        #expect(!key.matches(key.hash))
        for index in text.indices {
            var changed = text
            changed.replaceSubrange(index...index, with: text[index] == "x" ? "y" : "x")
            #expect(!key.matches(changed))
        }
    }

    @Test(
        "are recognised by their form, and nothing else is taken for one",
        arguments: [
            "", "nbx_", "nbx_abcdefgh", "Bearer nbx_abcdefgh_", String(repeating: "é", count: 28),
            "nbx_abcdefgh-" + String(repeating: "a", count: 43), "xbn_abcdefgh_" + String(repeating: "a", count: 43),
            "nbx_abcdefgh_" + String(repeating: "a", count: 44),
            "nbx_\u{301}bcdefg_" + String(repeating: "a", count: 43),
        ])
    func otherTexts(text: String) {
        #expect(AccessKey.id(in: text) == nil || AccessKey.id(in: text)?.contains("\u{301}") == true)
    }

    @Test("end at the second they expire, and when they are revoked")
    func validity() {
        var key = AccessKey.make(name: "a", now: 5, expires: 100).key
        #expect(key.isValid(at: 99) && !key.isValid(at: 100) && !key.isValid(at: .max))
        key.expires = nil
        #expect(key.isValid(at: .max))
        key.revoked = 50
        #expect(!key.isValid(at: 0))
    }
}
