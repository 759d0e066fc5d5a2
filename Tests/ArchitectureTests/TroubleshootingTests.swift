import Foundation
import Testing

@Suite("docs/troubleshooting.md")
struct TroubleshootingTests {
    @Test("has a heading for each error code, and none for a code that there is not")
    func codes() throws {
        let source = try String(contentsOfFile: Repository.path + "/Sources/RunModel/APIError.swift", encoding: .utf8)
        let codes = Set(source.matches(of: /Code\(rawValue: "([A-Z_]+)"\)/).map { String($0.1) })
        let page = try String(contentsOfFile: Repository.path + "/docs/troubleshooting.md", encoding: .utf8)
        let headings = Set(page.matches(of: /### `([A-Z_]+)`\n/).map { String($0.1) })
        #expect(codes.subtracting(headings).sorted() == [], "without a heading")
        #expect(headings.subtracting(codes).sorted() == [], "no such code")
        #expect(codes.count > 40)
    }

    @Test("every place of the page that a page of docs names is there")
    func anchors() throws {
        let page = try String(contentsOfFile: Repository.path + "/docs/troubleshooting.md", encoding: .utf8)
        let anchors = Set(
            page.split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
                line.drop { $0 == "#" || $0 == " " }.replacing("`", with: "").lowercased().replacing(" ", with: "-")
            })
        let named = page.matches(of: /\]\(#([a-z0-9_-]+)\)/).map { String($0.1) }
        #expect(named.filter { !anchors.contains($0) } == [])
        #expect(named.count > 10)
    }
}
