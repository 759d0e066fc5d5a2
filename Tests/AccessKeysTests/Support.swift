import Foundation
import Glibc
import Synchronization
import TestSupport

@testable import AccessKeys

/// A directory with room for one key file, removed with the test.
final class KeyDirectory {
    private let directory: TemporaryDirectory
    var path: String { directory.path }
    var file: KeyFile { KeyFile(path: path + "/keys.json") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    func write(_ text: String, mode: mode_t = 0o640) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file.path))
        chmod(file.path, mode)
    }

    func read() throws -> String { try String(contentsOfFile: file.path, encoding: .utf8) }

    /// What is wrong with the file; nil when it is taken.
    func problem() -> String? {
        do throws(KeyFile.Problem) {
            _ = try file.load()
            return nil
        } catch {
            return error.description
        }
    }

    /// A file with these fields in its only entry, over those of a good key.
    static func document(_ fields: [String: Any]) throws -> String {
        var entry: [String: Any] = [
            "id": "abcdefgh", "name": "a", "hash": String(repeating: "0f", count: 32), "created": 1_700_000_000,
        ]
        for (name, value) in fields { entry[name] = value }
        let document: [String: Any] = ["version": 1, "keys": [entry.filter { !($0.value is NSNull) }]]
        return String(decoding: try JSONSerialization.data(withJSONObject: document), as: UTF8.self)
    }
}

/// A clock a test can turn.
final class TestClock: Sendable {
    private let seconds: Mutex<Int64>

    init(_ seconds: Int64) { self.seconds = Mutex(seconds) }

    func now() -> Int64 { seconds.withLock { $0 } }
    func advance(_ by: Int64 = 1) { seconds.withLock { $0 += by } }
}

/// What was reported.
final class Reports: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}
