import TestSupport
import Testing

@testable import HTTPInterface

@Suite("Security headers")
struct SecurityHeadersTests {
    private static let kinds: [(name: String, headers: [(String, String)])] = [
        ("api", SecurityHeaders.api), ("page", SecurityHeaders.page(embedders: [])),
        ("artifact", SecurityHeaders.artifact),
    ]

    private func value(_ name: String, _ headers: [(String, String)]) -> String? {
        headers.first { $0.0 == name }?.1
    }

    @Test("Every answer says how it may be used, and nothing twice", arguments: 0..<3)
    func common(kind: Int) {
        let headers = Self.kinds[kind].headers
        #expect(value("X-Content-Type-Options", headers) == "nosniff")
        #expect(value("Referrer-Policy", headers) == "no-referrer")
        #expect(value("Cross-Origin-Opener-Policy", headers) == "same-origin")
        #expect(value("Cross-Origin-Resource-Policy", headers) == "same-origin", "\(Self.kinds[kind].name)")
        #expect(value("Permissions-Policy", headers)?.contains("camera=()") == true)
        #expect(value("Strict-Transport-Security", headers) == nil)
        let policy = value("Content-Security-Policy", headers)
        #expect(policy?.hasPrefix("default-src 'none';") == true)
        #expect(policy?.contains("frame-ancestors 'none'") == true)
        #expect(policy?.contains("unsafe") == false)
        #expect(Set(headers.map { $0.0.lowercased() }).count == headers.count)
    }

    @Test("Headers are tokens and visible text", arguments: 0..<3)
    func syntax(kind: Int) {
        for (name, value) in Self.kinds[kind].headers + SecurityHeaders.tls {
            #expect(name.utf8.allSatisfy { (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x2d })
            #expect(!value.isEmpty)
            #expect(value.utf8.allSatisfy { (0x20...0x7e).contains($0) })
        }
    }

    @Test("Pages load nothing from elsewhere and run nothing that is not a file of ours")
    func page() {
        let policy = value("Content-Security-Policy", SecurityHeaders.page(embedders: [])) ?? ""
        let directives = policy.split(separator: ";").map { $0.drop { $0 == " " } }
        #expect(
            Set(directives) == [
                "default-src 'none'", "script-src 'self' \(SecurityHeaders.frameScript)", "style-src 'self'",
                "connect-src 'self'",
                "img-src 'self' data: blob:", "font-src 'self'", "base-uri 'none'", "form-action 'none'",
                "frame-ancestors 'none'",
            ])
    }

    @Test("Only the origins that are named may show the page in a frame, and nothing else of the policy changes")
    func embedded() {
        let closed = SecurityHeaders.page(embedders: [])
        let open = SecurityHeaders.page(embedders: ["https://a.example", "http://b.example:81"])
        #expect(value("X-Frame-Options", closed) == "DENY" && value("X-Frame-Options", open) == nil)
        #expect(value("Cross-Origin-Resource-Policy", open) == "cross-origin")
        #expect(
            value("Content-Security-Policy", open)
                == value("Content-Security-Policy", closed)?.replacing(
                    "frame-ancestors 'none'", with: "frame-ancestors https://a.example http://b.example:81"))
        #expect(Set(open.map(\.0)).count == open.count)
    }

    @Test("What foreign code made is shown in a sandbox without scripts")
    func artifact() {
        let policy = value("Content-Security-Policy", SecurityHeaders.artifact) ?? ""
        let directives = policy.split(separator: ";").map { $0.drop { $0 == " " } }
        #expect(directives.contains("sandbox"))
        #expect(!policy.contains("allow-"))
    }

    @Test("TLS is insisted on for at least half a year")
    func tls() {
        let age = value("Strict-Transport-Security", SecurityHeaders.tls)?.split(separator: "=").last
        #expect((age.flatMap { Int($0) } ?? 0) >= 15_552_000)
    }
}

@Suite("Content-Disposition")
struct ContentDispositionTests {
    @Test(
        "Names are written so that every client gets them right",
        arguments: [
            ("plot.png", "attachment; filename=\"plot.png\""),
            ("a b.txt", "attachment; filename=\"a_b.txt\"; filename*=UTF-8''a%20b.txt"),
            ("é.txt", "attachment; filename=\"__.txt\"; filename*=UTF-8''%C3%A9.txt"),
            ("100%.txt", "attachment; filename=\"100_.txt\"; filename*=UTF-8''100%25.txt"),
            ("a'b\".txt", "attachment; filename=\"a_b_.txt\"; filename*=UTF-8''a%27b%22.txt"),
            ("dir/sub/x.csv", "attachment; filename=\"x.csv\""),
            ("/etc/passwd", "attachment; filename=\"passwd\""),
            ("../../x", "attachment; filename=\"x\""),
            ("", "attachment; filename=\"file\""), ("/", "attachment; filename=\"file\""),
            ("..", "attachment; filename=\"file\""), (".", "attachment; filename=\"file\""),
            ("a/..", "attachment; filename=\"file\""),
        ])
    func names(name: String, header: String) {
        #expect(ContentDisposition.attachment(filename: name) == header)
    }

    /// What a client makes of the header: the plain name, and the extended one if there is one.
    private func read(_ header: String) throws -> (plain: String, extended: String?) {
        let match = try #require(
            header.wholeMatch(
                of: /attachment; filename="([A-Za-z0-9._-]+)"(?:; filename\*=UTF-8''([A-Za-z0-9._%-]+))?/),
            "\(header)")
        let extended = try match.2.map { text in
            let pieces = text.split(separator: "%", omittingEmptySubsequences: false)
            var bytes = Array(try #require(pieces.first).utf8)
            for piece in pieces.dropFirst() {
                bytes.append(try #require(UInt8(piece.prefix(2), radix: 16)))
                bytes += piece.dropFirst(2).utf8
            }
            return try #require(String(validating: bytes, as: UTF8.self))
        }
        return (String(match.1), extended)
    }

    @Test("Names that foreign code chose never end the header, the quotes, or the directory")
    func random() throws {
        let pieces = [
            "a", "Z", "9", ".", "..", "/", "\\", "\"", "'", ";", "=", "%", "%0d%0a", "\r", "\n", "\r\n", "\0", "\t",
            "\u{7f}", " ",
            "é", "e\u{301}", "/\u{301}", "\u{202e}", "\u{85}", "\u{2028}", "🦆", "filename*=", "C:", "Set-Cookie: a",
            "~", "-",
        ]
        var random = RandomText(seed: 41)
        for _ in 0..<8000 {
            let name = random.text(of: pieces, upTo: 8)
            let (plain, extended) = try read(ContentDisposition.attachment(filename: name))
            for text in [plain, extended ?? "x"] {
                #expect(!text.isEmpty && text != "." && text != "..", "\(name.debugDescription)")
                let isSafe = text.unicodeScalars.allSatisfy { scalar in
                    scalar != "/" && scalar != "\\" && scalar.properties.generalCategory != .control
                }
                #expect(isSafe, "\(name.debugDescription)")
            }
        }
    }

    @Test("A name of any length makes a header that is not too long for one")
    func long() throws {
        let header = ContentDisposition.attachment(filename: String(repeating: "é", count: 1_000_000))
        #expect(header.utf8.count < 4096)
        #expect(try read(header).extended?.hasPrefix("éé") == true)
    }
}
