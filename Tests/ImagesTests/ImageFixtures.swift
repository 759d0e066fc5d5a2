import SandboxSpec
import TestSupport

@testable import Images

enum Fixtures {
    /// A whole `image.yaml` in which parts can be replaced or added.
    static func yaml(
        name: String = "demo", root: String = "{host: true}", extra: String = "", file: String = "main.demo",
        run: String = "[demo, main.demo]", check: String = "{code: x, stdout: y}"
    ) -> String {
        """
        version: 1
        name: \(name)
        root: \(root)
        file: \(file)
        run: \(run)
        check: \(check)
        \(extra)
        """
    }

    /// The checked image of a text, through a library of one directory.
    static func image(_ yaml: String, name: String = "demo") throws -> Image {
        let directory = try TemporaryDirectory()
        try directory.write(yaml, to: "\(name)/image.yaml")
        return try ImageLibrary(directory: directory.path).image(named: name)
    }

    static func image(name: String = "demo", root: RootDescription) throws -> Image {
        Image(
            name: name, aliases: [], description: "", extensions: [], language: name, release: nil, editor: nil,
            root: root, file: try BoxPath("main"), compile: nil, run: ["true"], environment: [], warm: .cold,
            session: nil, live: .none, syntax: nil, hints: [], artifacts: [],
            check: CheckProgram(code: "", stdin: "", stdout: ""), directory: "/nowhere")
    }

    static let debian = RootDescription.debian(DebianRoot(suite: "bookworm", packages: ["bash"]))
}
