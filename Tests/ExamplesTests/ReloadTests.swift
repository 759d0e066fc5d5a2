import Foundation
import Testing

@testable import Examples

@Suite("Reading examples again")
struct ReloadTests {
    private func write(_ fixture: ExampleFixture, _ place: String, title: String, below: String = "one") throws {
        try fixture.write(
            ExampleFixture.good.replacing("title: Good", with: "title: \(title)"), place, below: below)
        try fixture.write("print('hello')\n", place, file: "main.py", below: below)
    }

    @Test("a directory on top replaces the example of its name, and adds others; one that is absent is none")
    func overlay() throws {
        let fixture = try ExampleFixture()
        try write(fixture, "python/a", title: "Shipped")
        try write(fixture, "python/a", title: "Own", below: "two")
        try write(fixture, "ruby/b", title: "Added", below: "two")
        let library = try fixture.library(["one", "two", "three"])
        #expect(library.examples.map(\.title) == ["Own", "Added"])
        #expect(library.replaced == ["\(fixture.path)/two/python/a": "\(fixture.path)/one/python/a"])
    }

    @Test("a change is taken over when nobody writes any more; what would lose an example changes nothing")
    func changes() throws {
        let fixture = try ExampleFixture()
        try write(fixture, "python/a", title: "Before")
        let catalog = ExampleCatalog(directories: [fixture.path + "/one"])
        #expect(catalog.look() == .unchanged && catalog.library.examples.map(\.title) == ["Before"])

        try write(fixture, "python/b", title: "New")
        #expect(catalog.look() == .unchanged, "it may still be being written")
        #expect(catalog.look() == .switched(count: 2))
        #expect(catalog.look() == .unchanged)

        try fixture.write("version: 1\ntitel: x\n", "python/a")
        _ = catalog.look()
        guard case .refused(let errors) = catalog.look() else {
            Issue.record("a broken example was taken over")
            return
        }
        #expect(errors.contains { $0.contains("python/a/example.yaml:2: titel: found an unknown key") }, "\(errors)")
        #expect(catalog.library.examples.map(\.title) == ["Before", "New"])
        #expect(catalog.problem?.contains("a/example.yaml") == true)
        #expect(catalog.look() == .unchanged, "the same files are not tried twice")

        try write(fixture, "python/a", title: "After")
        _ = catalog.look()
        #expect(catalog.look() == .switched(count: 2))
        #expect(catalog.problem == nil && catalog.library.example("python-a")?.title == "After")
    }

    @Test("no directory at all is no examples, and no error")
    func absent() {
        let catalog = ExampleCatalog(directories: ["/nonexistent"])
        #expect(catalog.library.examples.isEmpty && catalog.problem == nil && catalog.look() == .unchanged)
    }
}
