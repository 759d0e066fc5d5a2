import Foundation
import Testing

@testable import EgressRules

@Suite("Rules of egress")
struct EgressRuleTests {
    private func target(_ text: String) throws -> EgressTarget { try #require(EgressTarget(text), "\(text)") }

    @Test("a rule allows its hosts on its port and nothing else") func allows() throws {
        let cases: [(rule: String, yes: [String], no: [String])] = [
            (
                "www.example.org:443", ["www.example.org:443", "WWW.Example.ORG:443", "www.example.org.:443"],
                ["www.example.org:80", "example.org:443", "a.www.example.org:443", "wwwXexample.org:443"]
            ),
            (
                "*.example.org:443", ["a.example.org:443", "a.b.example.org:443"],
                ["example.org:443", "badexample.org:443", "a.example.org:444", "a.example.org.evil.example.net:443"]
            ),
            ("*:443", ["a.example.org:443", "b:443"], ["192.0.2.1:443", "[2001:db8::1]:443", "b:80"]),
            ("192.0.2.7:5432", ["192.0.2.7:5432"], ["192.0.2.8:5432", "example.org:5432"]),
            ("[2001:db8::1]:443", ["[2001:DB8:0::1]:443"], ["[2001:db8::2]:443"]),
        ]
        for (text, yes, no) in cases {
            let rule = try #require(EgressRule(text))
            #expect(rule.description == text)
            for name in yes { #expect(rule.allows(try target(name)), "\(text) \(name)") }
            for name in no { #expect(!rule.allows(try target(name)), "\(text) \(name)") }
        }
    }

    @Test(
        "what is no rule",
        arguments: [
            "", "example.org", "example.org:", ":443", "example.org:0", "example.org:65536", "example.org:+1",
            "example.org:https", "https://example.org:443", "exa mple.org:443", "*example.org:443",
            "a.*.example.org:443", "*.*:1",
            "*.:443", "*", "**.example.org:443", "-a.example.org:443", "a..example.org:443", "*.192.0.2.1:443",
            "127.1:80",
            "0x7f.1:80", "2130706433:80", "example.1:80", "::1:443", "[::1:443", "[192.0.2.1]:443",
            "bücher.example.org:443",
            "a\0b.example.org:443", "example.org:443/x", "user@example.org:443",
        ])
    func noRule(text: String) {
        #expect(EgressRule(text) == nil)
    }

    @Test("one rule covers another when it allows all of it") func covers() throws {
        let yes = [
            ("a.example.org:1", "a.example.org:1"), ("*.example.org:1", "a.example.org:1"),
            ("*.example.org:1", "*.b.example.org:1"), ("*.example.org:1", "*.example.org:1"),
            ("*:1", "*.example.org:1"),
            ("*:1", "*:1"), ("*:1", "a.example.org:1"),
        ]
        let no = [
            ("a.example.org:1", "a.example.org:2"), ("*.example.org:1", "example.org:1"),
            ("*.b.example.org:1", "*.example.org:1"), ("*.example.org:1", "*:1"),
            ("a.example.org:1", "*.example.org:1"),
            ("*:1", "192.0.2.1:1"),
        ]
        for (wide, narrow) in yes {
            #expect(try #require(EgressRule(wide)).covers(try #require(EgressRule(narrow))), "\(wide) \(narrow)")
        }
        for (wide, narrow) in no {
            #expect(!(try #require(EgressRule(wide)).covers(try #require(EgressRule(narrow)))), "\(wide) \(narrow)")
        }
    }

    @Test("covering means allowing, for random rules and targets") func random() throws {
        var numbers = SystemRandomNumberGenerator()
        func name() -> String {
            (0..<Int.random(in: 1...3, using: &numbers)).map { _ in
                ["a", "b", "c"].randomElement(using: &numbers) ?? "a"
            }
            .joined(separator: ".")
        }
        func rule() throws -> EgressRule {
            let head = ["", "*.", "*"].randomElement(using: &numbers) ?? ""
            return try #require(
                EgressRule((head == "*" ? "*" : head + name()) + ":\(Int.random(in: 1...2, using: &numbers))"))
        }
        var covered = 0
        for _ in 0..<20_000 {
            let (wide, narrow) = (try rule(), try rule())
            guard wide.covers(narrow) else { continue }
            covered += 1
            let target = try target("\(name()):\(Int.random(in: 1...2, using: &numbers))")
            if narrow.allows(target) { #expect(wide.allows(target), "\(wide) \(narrow) \(target)") }
        }
        #expect(covered > 100)
    }

    @Test("bytes that are no host never become one") func fuzz() throws {
        var numbers = SystemRandomNumberGenerator()
        for _ in 0..<50_000 {
            let bytes = (0..<Int.random(in: 0...20, using: &numbers)).map { _ in
                UInt8.random(in: 0...255, using: &numbers)
            }
            guard let target = EgressTarget(String(decoding: bytes, as: UTF8.self)) else { continue }
            #expect(EgressTarget(target.description) == target)
        }
    }

    @Test("a grant knows what is public, and what was excepted") func grant() throws {
        let range = try #require(PrivateRange("10.1.0.0/16:443"))
        let grant = EgressGrant(rules: [try #require(EgressRule("*:443"))], privateRanges: [range])
        #expect(grant.refusal(of: try #require(IPAddress("1.1.1.1")), port: 443) == nil)
        #expect(grant.refusal(of: try #require(IPAddress("10.1.1.1")), port: 443) == nil)
        #expect(grant.refusal(of: try #require(IPAddress("10.1.1.1")), port: 80) == .private)
        #expect(grant.refusal(of: try #require(IPAddress("127.0.0.1")), port: 443) == .loopback)
        #expect(grant.excess(of: grant) == nil)
        #expect(grant.excess(of: EgressGrant(rules: [try #require(EgressRule("a:80"))])) == "a:80")
        #expect(grant.excess(of: EgressGrant(rules: [], connections: 33)) == "33 connections")
        let copy = try JSONDecoder().decode(EgressGrant.self, from: try JSONEncoder().encode(grant))
        #expect(copy == grant)
        #expect(throws: (any Error).self) {
            try JSONDecoder().decode(
                EgressGrant.self,
                from: Data(#"{"rules":["x"],"allow_private":[],"connections":1,"bytes":1}"#.utf8))
        }
    }
}
