internal import Foundation
internal import ServerSettings

@testable import nestbox

/// The files of this target.
enum Directory {
    static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: tests.appendingPathComponent(path)))
    }

    /// What a directory of this target holds, sorted; hidden files are nobody's.
    static func names(in path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: tests.appendingPathComponent(path).path)
            .filter { !$0.hasPrefix(".") }.sorted()
    }

    /// All files below a directory, relative to it, sorted.
    static func files(below path: String) throws -> [String] {
        let directory = tests.appendingPathComponent(path).path
        var files: [String] = []
        for name in try FileManager.default.subpathsOfDirectory(atPath: directory).sorted() {
            if !Installation.isDirectory(directory + "/" + name) { files.append(name) }
        }
        return files
    }

    /// What nothing that is printed in a sandbox may name.
    static let hostPaths: [String] = {
        let repository = tests.deletingLastPathComponent().deletingLastPathComponent().path
        return [Languages.directories.stateDirectory + "/", "/roots/", repository + "/"]
    }()
}
