import Foundation
import Glibc
import Images
import Policies
import RunModel
import SandboxSpec
import TestSupport
import Testing

@testable import RunPlanning

/// A catalog of the files that one request is about says what the whole one says.
@Suite("The catalog of one request") struct RequestCatalogTests {
    private let directory: TemporaryDirectory
    private let places: RequestCatalog.Places

    init() throws {
        directory = try TemporaryDirectory()
        places = RequestCatalog.Places(
            images: [Shipped.root + "/images"], policies: [Shipped.root + "/policies"], state: directory.path)
        #expect(chmod(directory.path, 0o755) == 0)
    }

    private var file: String { directory.path + "/catalog-index" }

    private func catalog(
        _ language: String? = "python", file: String = "-", policy: String? = nil, places: RequestCatalog.Places? = nil
    ) throws -> RequestCatalog {
        try RequestCatalog(places ?? self.places, language: language, file: file, policy: policy)
    }

    private func outcome(_ planner: RunPlanner, _ request: RunRequest, _ id: RunID) -> Result<PortableRun, APIError> {
        Result { () throws(APIError) in try planner.check(request, runID: id).run }
    }

    @Test(
        "the first command leaves an index, the next reads what it needs and plans the same",
        .enabled(if: geteuid() == 0))
    func same() throws {
        let whole = try catalog()
        #expect(!whole.isPartial)
        #expect(CatalogIndexFile(state: directory.path).read() != nil)
        var (partial, total) = (0, 0)
        for (number, image) in Shipped.images.enumerated() {
            // Each step reads some files; the rarer questions are asked about a few images.
            let policies: [String?] = number % 8 == 0 ? [nil, image.name, "default", "python", "nothing"] : [nil]
            let words =
                number % 8 == 0 ? [image.name, image.language] + image.aliases : [image.aliases.first ?? image.name]
            for (language, policy) in words.flatMap({ word in policies.map { (word, $0) } }) {
                let part = try catalog(language, policy: policy)
                let request = RunRequest(language: language, policy: policy, code: [])
                let id = RunID()
                let expected = outcome(whole.planner, request, id)
                let found = outcome(part.planner, request, id)
                total += 1
                if part.isPartial { partial += 1 }
                switch (expected, found) {
                case (.success, .success),
                    (.failure, .failure) where !part.isPartial:
                    #expect(found == expected)
                case (.failure, .failure):
                    // With the words of all there is.
                    #expect(outcome(try part.whole().planner, request, id) == expected)
                default: Issue.record("\(language) under \(policy ?? "nothing"): \(found) is not \(expected)")
                }
            }
            for suffix in image.extensions.prefix(1) {
                let part = try catalog(nil, file: "a/b.\(suffix)")
                #expect(part.isPartial)
                #expect(try part.planner.image(forFile: "a/b.\(suffix)").name == image.name)
            }
        }
        #expect(partial > total / 2)
        for word in ["klingon", "python@3.11", "", "p"] { #expect(try !catalog(word).isPartial) }
        #expect(try catalog("PYTHON").isPartial)
    }

    @Test("an index that anyone else could have written, or that is not one, is not used", .enabled(if: geteuid() == 0))
    func untrusted() throws {
        _ = try catalog()
        let text = try String(contentsOfFile: file, encoding: .utf8)
        func use(_ text: String, mode: mode_t = 0o644, owner: uid_t = 0) throws -> Bool {
            unlink(file)
            try text.write(toFile: file, atomically: false, encoding: .utf8)
            #expect(chmod(file, mode) == 0 && chown(file, owner, 0) == 0)
            return CatalogIndexFile(state: directory.path).read() != nil
        }
        #expect(try use(text))
        for mode: mode_t in [0o664, 0o646, 0o666, 0o622] { #expect(try !use(text, mode: mode)) }
        #expect(try !use(text, owner: 1000))
        for wrong in [
            "", "\n", "nestbox catalog index 1", text + "\n", String(text.dropLast()), "x" + text,
            text.replacingOccurrences(of: "index 1", with: "index 2"),
            text.replacingOccurrences(of: "\nend", with: "\nimage\tx\nend"),
            text.replacingOccurrences(of: "\nend", with: "\nother\tx\ty\nend"),
            text.replacingOccurrences(of: "\n", with: "\r\n"), String(repeating: "x", count: 2_000_000),
        ] {
            #expect(try !use(wrong))
        }
        var numbers = RandomText(seed: 7)
        for _ in 0..<200 {
            let mutated = numbers.mutated(text)
            // Whatever is read is what is written again.
            if let index = CatalogIndex(text: mutated) { #expect(index.text == mutated) }
        }
        // A link could lead to a file of root's that is meant for something else.
        #expect(try use(text))
        #expect(rename(file, file + ".real") == 0 && symlink(file + ".real", file) == 0)
        #expect(CatalogIndexFile(state: directory.path).read() == nil)
        unlink(file)
        #expect(rename(file + ".real", file) == 0)
        #expect(CatalogIndexFile(state: directory.path).read() != nil)
        #expect(chmod(directory.path, 0o777) == 0)
        #expect(CatalogIndexFile(state: directory.path).read() == nil)
    }

    @Test("any change of the files, and any other directories, make it read all", .enabled(if: geteuid() == 0))
    func stale() throws {
        let own = try TemporaryDirectory()
        let overlaid = RequestCatalog.Places(
            images: places.images + [own.path + "/images"], policies: places.policies + [own.path + "/policies"],
            state: directory.path)
        _ = try catalog()
        #expect(try catalog().isPartial)
        // Nothing is there yet: the same files are in force.
        #expect(try catalog(places: overlaid).isPartial)
        try own.write(
            "version: 1\nname: python\nextends: default\nimage: python\nlimits: {cpu: 1s}\n", to: "policies/python.yaml"
        )
        let changed = try catalog(places: overlaid)
        #expect(!changed.isPartial)
        #expect(try changed.planner.settings(language: "python").limits[.cpu] == 1_000_000_000)
        // It has just been written: another change within the same tick of the clock could not be seen.
        #expect(try !catalog(places: overlaid).isPartial)
        #expect(try catalog().isPartial)
        // An error anywhere: nobody is spared the sight of it.
        try own.write("version: 1\nname: broken\n", to: "policies/broken.yaml")
        #expect(try !catalog(places: overlaid).isPartial)
    }

    @Test("an index cannot bring in what the files do not say", .enabled(if: geteuid() == 0))
    func smuggling() throws {
        _ = try catalog()
        let index = try #require(CatalogIndexFile(state: directory.path).read())
        func plan(_ change: (inout CatalogIndex) -> Void) throws -> String {
            var index = index
            change(&index)
            CatalogIndexFile(state: directory.path).write(index)
            return try catalog().planner.settings(language: "python").policy.name
        }
        #expect(try plan { _ in } == "python")
        // A file that is not in force, an image that says something else, a policy that is for another image.
        #expect(try plan { $0.sources.append("/tmp/evil.yaml\t1 2 3 4 5.6 7.8") } == "python")
        #expect(
            try plan { index in
                index.images = index.images.map { image in
                    image.name != "bash"
                        ? image
                        : CatalogIndex.ImageEntry(
                            name: "bash", language: "bash", aliases: ["python"], extensions: [])
                }.filter { $0.name != "python" }
            } == "python")
        #expect(
            try plan { index in
                index.policies.append(CatalogIndex.PolicyEntry(name: "evil", image: "python", ancestors: []))
            } == "python")
    }
}
