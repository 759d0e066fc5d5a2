import Foundation
import Glibc

/// A directory of examples for one service. Gone with its owner.
final class ExampleFiles {
    let path = NSTemporaryDirectory() + "nestbox-examples-" + UUID().uuidString

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        chmod(path, 0o755)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes an example of one file.
    func write(_ place: String, title: String = "T", code: String, more: String = "", stdout: String = "") throws {
        let directory = URL(fileURLWithPath: path + "/" + place)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let yaml = """
            version: 1
            title: \(title)
            description: An example of the tests.
            category: basics
            difficulty: beginner
            main: \(place.hasPrefix("bash") ? "main.sh" : "main.py")
            hints: [first, second]
            \(more)
            check:
              - stdout: "\(stdout)"

            """
        let main = place.hasPrefix("bash") ? "main.sh" : "main.py"
        try Data(code.utf8).write(to: directory.appendingPathComponent(main))
        try Data(yaml.utf8).write(to: directory.appendingPathComponent("example.yaml"))
    }
}
