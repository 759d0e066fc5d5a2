import ConfigurationFiles
import Foundation
import Glibc
import SandboxSpec
import TestSupport
import Testing

@testable import Images

@Suite struct RootAdditionsTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// The image of a directory that holds `a.txt` and `sub/b.txt`, with `additions` in its root.
    private func image(_ additions: String) throws -> Image {
        let root = "{debian: bookworm, packages: [bash], \(additions)}"
        try directory.write(Fixtures.yaml(root: root), to: "demo/image.yaml")
        if !directory.has("demo/a.txt") { try directory.write("one", to: "demo/a.txt") }
        try directory.write("two", to: "demo/sub/b.txt")
        return try ImageLibrary(directory: directory.path).image(named: "demo")
    }

    private func digest(_ additions: String) throws -> ContentDigest {
        try ImageStore(state: "/nowhere").digest(of: image(additions).root)
    }

    private func debian(_ additions: String) throws -> DebianRoot {
        guard case .debian(let root) = try image(additions).root else {
            throw ImageError(.storage, "not a debian root")
        }
        return root
    }

    @Test func readsFilesAndSetup() throws {
        let root = try debian("files: {/usr/lib/x/b: sub/b.txt, /opt/a: a.txt}, setup: [\"true\", \"echo 1\\necho 2\"]")
        #expect(root.files.map(\.path.description) == ["opt/a", "usr/lib/x/b"])
        #expect(root.files.map(\.source) == ["\(directory.path)/demo/a.txt", "\(directory.path)/demo/sub/b.txt"])
        #expect(
            root.files.map(\.digest) == [ContentDigest(of: Array("one".utf8)), ContentDigest(of: Array("two".utf8))])
        #expect(root.setup == ["true", "echo 1\necho 2"])
    }

    @Test func rootsWithoutEitherKeepTheirDigest() throws {
        let plain = try ImageStore(state: "/nowhere").digest(of: Fixtures.debian)
        #expect(try digest("files: {}, setup: []") == plain)
    }

    @Test func digestFollowsWhatTheFilesHold() throws {
        let before = try digest("files: {/opt/a: a.txt}")
        #expect(try digest("files: {/opt/a: a.txt}") == before)
        #expect(try digest("files: {/opt/b: a.txt}") != before)
        try directory.write("other", to: "demo/a.txt")
        #expect(try digest("files: {/opt/a: a.txt}") != before)
        // What a file is called beside image.yaml is nobody's business.
        try directory.write("one", to: "demo/c.txt")
        #expect(try digest("files: {/opt/a: c.txt}") == before)
    }

    @Test func digestFollowsTheCommandsAndTheirOrder() throws {
        let texts = [
            "setup: [a, b]", "setup: [b, a]", "setup: [a]", "setup: [\"a\\nsetup 1 b\"]", "setup: [\"a b\"]",
        ]
        #expect(Set(try texts.map { try digest($0) }).count == texts.count)
    }

    /// What is in the root, and what the error has to contain.
    @Test(arguments: [
        ("files: {opt/a: a.txt}", ["image.yaml:3", "root.files.opt/a", "an absolute path"]),
        ("files: {/opt/../a: a.txt}", ["root.files./opt/../a", ".. component"]),
        ("files: {/opt//a: a.txt}", ["empty component"]),
        ("files: {/: a.txt}", ["an absolute path", "is empty"]),
        ("files: {/proc/a: a.txt}", ["not below /proc", "lasts"]),
        ("files: {/sys/a: a.txt}", ["not below /sys"]), ("files: {/dev/a: a.txt}", ["not below /dev"]),
        ("files: {/tmp/a: a.txt}", ["not below /tmp"]), ("files: {/box/a: a.txt}", ["not below /box"]),
        ("files: {/run/a: a.txt}", ["not below /run"]), ("files: {/run: a.txt}", ["not below /run"]),
        ("files: {/var/cache/a: a.txt}", ["not below /var/cache"]),
        ("files: {/opt/a: ../a.txt}", ["\"../a.txt\"", "a file beside image.yaml"]),
        ("files: {/opt/a: /etc/passwd}", ["\"/etc/passwd\"", "is absolute"]),
        ("files: {/opt/a: none.txt}", ["\"none.txt\"", "No such file"]),
        ("files: {/opt/a: sub}", ["\"sub\"", "no regular file"]),
        ("files: [a]", ["root.files", "a mapping"]), ("setup: make", ["root.setup", "a list"]),
        ("setup: [\"\"]", ["root.setup[0]", "empty text"]), ("setup: [[a]]", ["root.setup[0]", "text"]),
    ])
    func diagnosticsAreLocated(additions: String, expected: [String]) throws {
        let error = try #require(throws: ConfigurationError.self) { try image(additions) }
        for part in expected { #expect(error.description.contains(part)) }
    }

    private static let sha = String(repeating: "0a", count: 32)

    private static func wheel(
        name: String = "ziglang", version: String = "0.13.0", sha: String = sha, into: String = "/usr/lib/zig"
    ) -> String {
        "{name: \"\(name)\", version: \"\(version)\", sha256: \"\(sha)\", into: \"\(into)\"}"
    }

    @Test func readsWheels() throws {
        let root = try debian("wheels: [\(Self.wheel()), \(Self.wheel(name: "b.c_d-e", version: "1!2.0+x"))]")
        let digest = try #require(ContentDigest(hex: Self.sha))
        #expect(
            root.wheels == [
                RootWheel(name: "ziglang", version: "0.13.0", digest: digest, into: try BoxPath("usr/lib/zig")),
                RootWheel(name: "b.c_d-e", version: "1!2.0+x", digest: digest, into: try BoxPath("usr/lib/zig")),
            ])
        #expect(try self.digest("wheels: []") == self.digest("setup: []"))
    }

    @Test func digestFollowsTheWheels() throws {
        let other = String(repeating: "1b", count: 32)
        let texts = [
            "setup: []", "wheels: [\(Self.wheel())]", "wheels: [\(Self.wheel(name: "other"))]",
            "wheels: [\(Self.wheel(version: "0.14.0"))]", "wheels: [\(Self.wheel(sha: other))]",
            "wheels: [\(Self.wheel(into: "/opt/zig"))]",
        ]
        #expect(Set(try texts.map { try digest($0) }).count == texts.count)
    }

    @Test(arguments: [
        (wheel(name: "-r"), ["root.wheels[0].name", "\"-r\"", "the first a letter or digit"]),
        (wheel(name: "a b"), ["root.wheels[0].name"]), (wheel(name: "a\\nb"), ["root.wheels[0].name"]),
        (wheel(version: "1 --index"), ["root.wheels[0].version"]), (wheel(version: ">=1"), ["root.wheels[0].version"]),
        (wheel(sha: "abc"), ["root.wheels[0].sha256", "64 hexadecimal digits"]),
        (wheel(sha: String(repeating: "A", count: 64)), ["root.wheels[0].sha256"]),
        (wheel(into: "usr"), ["root.wheels[0].into", "an absolute path"]),
        (wheel(into: "/usr/../etc"), [".. component"]), (wheel(into: "/tmp/x"), ["not below /tmp"]),
        ("{name: a, version: \"1\", into: /opt}", ["root.wheels[0].sha256", "found nothing"]),
        ("{name: a, url: x}", ["root.wheels[0].url", "unknown key"]), ("text", ["root.wheels[0]", "a mapping"]),
    ])
    func diagnosticsInWheelsAreLocated(wheel: String, expected: [String]) throws {
        let error = try #require(throws: ConfigurationError.self) { try image("wheels: [\(wheel)]") }
        for part in expected { #expect(error.description.contains(part), "\(error)") }
    }

    @Test func wheelsAreFew() throws {
        let many = [String](repeating: Self.wheel(), count: RootWheel.maximumCount + 1).joined(separator: ", ")
        let error = try #require(throws: ConfigurationError.self) { try image("wheels: [\(many)]") }
        #expect(error.description.contains("at most \(RootWheel.maximumCount)"))
    }

    @Test func sizesAndCountsAreBounded() throws {
        try directory.write([UInt8](repeating: 7, count: RootFile.maximumBytes + 1), to: "demo/big")
        try directory.write([UInt8](repeating: 7, count: RootFile.maximumBytes), to: "demo/most")
        func complaint(_ additions: String) throws -> String {
            try #require(throws: ConfigurationError.self) { try image(additions) }.description
        }
        #expect(try complaint("files: {/opt/a: big}").contains("more than \(RootFile.maximumBytes) bytes"))
        let many = (0...RootFile.maximumCount).map { "/opt/\($0): a.txt" }.joined(separator: ", ")
        #expect(try complaint("files: {\(many)}").contains("at most \(RootFile.maximumCount)"))
        let much = (0..<5).map { "/opt/\($0): most" }.joined(separator: ", ")
        #expect(try complaint("files: {\(much)}").contains("bytes together"))
        let long = String(repeating: "x", count: RootAdditions.maximumCommandBytes + 1)
        #expect(try complaint("setup: [\(long)]").contains("root.setup[0]"))
        let commands = [String](repeating: "x", count: RootAdditions.maximumCommands + 1).joined(separator: ", ")
        #expect(try complaint("setup: [\(commands)]").contains("at most \(RootAdditions.maximumCommands)"))
    }

    @Test func otherKindsOfRootHaveNeither() throws {
        for key in ["files: {/opt/a: a.txt}", "setup: [x]", "wheels: []"] {
            let error = try #require(throws: ConfigurationError.self) {
                try Fixtures.image(Fixtures.yaml(root: "{host: true, \(key)}"))
            }
            #expect(error.description.contains("unknown key"))
        }
    }
}
