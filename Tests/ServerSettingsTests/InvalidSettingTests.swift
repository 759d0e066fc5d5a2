import Foundation
import Testing

@testable import ServerSettings

@Suite("Wrong settings")
struct DiagnosticTests {
    @Test("are named all at once, each with where it is, what was found and what is allowed")
    func all() throws {
        let fixture = try SettingsFixture()
        let lines = try fixture.diagnostics(
            ["--max-queued-runs=-1", "--lissen", "x"], environment: ["NESTBOX_MAX_BODY": "8"],
            yaml: "idle_timeout: 60\nlog_levl: info\nlog_format: xml\n")
        #expect(lines.count >= 6)
        for words in [
            ["max_queued_runs", "--max-queued-runs", "-1", "0 to 100000"], ["--lissen", "--listen"],
            ["max_body", "$NESTBOX_MAX_BODY", "8", "64KiB to 64GiB"],
            ["idle_timeout", "\(fixture.file):1", "60", "1ms to 24h"],
            ["\(fixture.file):2", "log_levl", "log_level"],
            ["log_format", "\(fixture.file):3", "xml", "json, text"],
        ] {
            #expect(lines.contains { line in words.allSatisfy { line.contains($0) } }, "\(words) in \(lines)")
        }
    }

    @Test(
        "numbers that are none, negative, huge, or of another base",
        arguments: ["", "-1", "+5", "007", "1e3", "0x10", "5 ", "99999999999999999999", "１２", "1_000", "5.0"])
    func counts(text: String) throws {
        let fixture = try SettingsFixture()
        #expect(try fixture.diagnostics(yaml: "max_queued_runs: \"\(text)\"\n").count == 1)
        #expect(try fixture.diagnostics(["--max-queued-runs=\(text)"]).count >= 1)
    }

    @Test(
        "sizes and times without their unit, with another one, negative or huge",
        arguments: [
            ("max_body", "8"), ("max_body", "8s"), ("max_body", "-8MiB"), ("max_body", "1KiB"), ("max_body", "65GiB"),
            ("max_body", "99999999999999999999GiB"), ("max_body", "MiB"), ("idle_timeout", "60"),
            ("idle_timeout", "1MiB"), ("idle_timeout", "-1s"), ("idle_timeout", "25h"), ("idle_timeout", "0s"),
            ("idle_timeout", "99999999999999999999h"), ("idle_timeout", ""),
        ])
    func quantities(name: String, text: String) throws {
        let fixture = try SettingsFixture()
        let lines = try fixture.diagnostics(yaml: "\(name): \"\(text)\"\n")
        #expect(lines.count == 1 && lines.first?.contains(name) == true, "\(lines)")
    }

    @Test(
        "addresses",
        arguments: [
            "", "8080", "127.0.0.1", "127.0.0.1:", ":8080", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1",
            "127.0.0.1:0x50", "example.org:80", "::1:8080", "[::1]", "[::1]8080", "[127.0.0.1]:80", "256.0.0.1:80",
            "[fe80::1%eth0]:80", "127.0.0.1:80 ", "http://127.0.0.1:80", "127.1:80", "*:80",
        ])
    func addresses(text: String) throws {
        #expect(try SettingsFixture().diagnostics(yaml: "listen: \"\(text)\"\n").contains { $0.contains("listen") })
    }

    @Test(
        "good addresses are taken",
        arguments: [
            ("127.0.0.1:0", "127.0.0.1", 0, true), ("[::1]:0", "::1", 0, true), ("[::]:443", "::", 443, false),
            ("0.0.0.0:65535", "0.0.0.0", 65535, false), ("localhost:80", "127.0.0.1", 80, true),
            ("[2001:db8::1]:8080", "2001:db8::1", 8080, false),
        ])
    func goodAddresses(text: String, host: String, port: Int, isLoopback: Bool) throws {
        let settings = try SettingsFixture().settings(["--listen", text])
        #expect(
            settings.listen.address.host == host && settings.listen.address.port == port
                && settings.listen.address.isLoopback == isLoopback)
        #expect(settings.asksForKeys == !isLoopback)
    }

    @Test("no keys on an address that others can reach, unless said twice")
    func auth() throws {
        let fixture = try SettingsFixture()
        #expect(
            try fixture.diagnostics(["--listen=0.0.0.0:80", "--auth=off"]).contains { $0.contains("insecure_no_auth") })
        #expect(try fixture.diagnostics(["--listen=127.0.0.1:80", "--auth=off"]).isEmpty)
        #expect(try fixture.settings(["--listen=127.0.0.1:80", "--auth=required"]).asksForKeys)
        // An IPv4 loopback in IPv6 clothes, and a long spelling, are on the safe side.
        #expect(try fixture.settings(["--listen=[::ffff:127.0.0.1]:80"]).asksForKeys)
    }

    @Test("half a TLS, directories that are not there or files")
    func files() throws {
        let fixture = try SettingsFixture()
        #expect(try fixture.diagnostics(["--tls-key=/k"]).contains { $0.contains("tls_certificate") })
        for name in ["policies", "images", "web"] {
            #expect(try fixture.diagnostics(["--\(name)=/nonexistent"]).contains { $0.contains(name) })
            #expect(try fixture.diagnostics(["--\(name)", fixture.file]).contains { $0.contains(name) })
        }
    }

    @Test(
        "origins that are none, or all of them",
        arguments: [
            "*", "https://*.example.org", "example.org", "https://example.org/", "https://example.org/x", "null",
            "https://u@example.org", "ftp://example.org", "https://", "https://example.org?x", "HTTPS://example.org",
        ])
    func origins(text: String) throws {
        let fixture = try SettingsFixture()
        for flag in ["--cors-origins", "--websocket-origins", "--embed-origins"] {
            #expect(try fixture.diagnostics(["\(flag)=\(text)"]).count == 1)
        }
    }

    @Test("good origins are taken", arguments: ["https://example.org", "http://localhost:3000", "http://[::1]:80"])
    func goodOrigins(text: String) throws {
        #expect(try SettingsFixture().settings(["--cors-origins", text]).access.corsOrigins == [text])
    }

    @Test(
        "flags: unknown, twice, empty, without a value, words that are no flags",
        arguments: [
            ["--nonsense", "1"], ["--listen=127.0.0.1:1", "--listen=127.0.0.1:1"],
            ["--config", "/x", "--config", "/y"],
            ["--listen="], ["--listen"], ["--listen", "--auth=off"], ["word"], ["-l"], ["--"],
            ["--insecure-no-auth=yes"],
            [""], ["--=x"],
        ])
    func flags(arguments: [String]) throws {
        #expect(!(try SettingsFixture().diagnostics(arguments).isEmpty))
    }

    @Test("variables that are not known are said, and no more")
    func variables() throws {
        let settings = try SettingsFixture().settings(environment: ["NESTBOX_LISTN": "x", "OTHER": "y"])
        #expect(settings.notes.count == 1 && settings.notes.first?.contains("NESTBOX_LISTN") == true)
        // Its value may be anything.
        #expect(settings.notes.first?.contains("\"x\"") == false)
    }

    @Test(
        "files that are no plain settings",
        arguments: [
            "- listen\n", "listen\n", "listen: [\n", "listen: {a: b}\n", "cors_origins: https://a.example\n",
            "cors_origins: [[a]]\n", "listen: &a 127.0.0.1:80\n", "auth: &a off\nlog_level: *a\n",
            "auth: auto\nauth: auto\n", "a: 1\n---\nb: 2\n", "<<: {auth: off}\n", "Listen: 127.0.0.1:1\n",
            "# \(String(repeating: "x", count: 1_048_577))\n",
        ])
    func yaml(text: String) throws {
        let fixture = try SettingsFixture()
        let lines = try fixture.diagnostics(yaml: text)
        #expect(!lines.isEmpty && lines.allSatisfy { $0.contains(fixture.file) }, "\(lines)")
    }

    @Test("a file that is not there, no file, or not UTF-8; a mapping with nothing in it is good")
    func noFile() throws {
        let fixture = try SettingsFixture()
        #expect(try fixture.diagnostics(["--config", "/nonexistent.yaml"]).count == 1)
        #expect(try fixture.diagnostics(["--config", fixture.path]).count == 1)
        try Data([0x61, 0x3a, 0xff]).write(to: URL(fileURLWithPath: fixture.file))
        #expect(try fixture.diagnostics().count == 1)
        #expect(try fixture.diagnostics(yaml: "{}\n").isEmpty)
    }

    @Test("lines stay lines and short, whatever was found")
    func printing() throws {
        let text = "\u{1b}[2J\nlisten: ok" + String(repeating: "x", count: 5000)
        let fixture = try SettingsFixture()
        for line in try fixture.diagnostics(["--log-level", text, "--\(text)"]) {
            #expect(!line.unicodeScalars.contains { $0.value < 0x20 } && line.utf8.count < 1000)
        }
    }
}
