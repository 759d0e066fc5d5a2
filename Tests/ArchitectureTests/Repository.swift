internal import Foundation

/// The source tree these tests look at.
enum Repository {
    /// The directory with Package.swift: NESTBOX_ROOT, or the one this file was compiled in.
    static let root: URL = {
        if let given = ProcessInfo.processInfo.environment["NESTBOX_ROOT"], !given.isEmpty {
            return URL(fileURLWithPath: given, isDirectory: true)
        }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../..").standardizedFileURL
    }()

    static let path = root.path

    /// Regular files below a directory of the tree whose names end in one of `extensions`, sorted; paths relative to the
    /// root. No directory of that name: none.
    static func files(below directory: String, extensions: Set<String>) -> [String] {
        let start = root.appendingPathComponent(directory)
        guard let walker = FileManager.default.enumerator(atPath: start.path) else { return [] }
        var found: [String] = []
        while let name = walker.nextObject() as? String {
            guard extensions.contains(URL(fileURLWithPath: name).pathExtension),
                walker.fileAttributes?[.type] as? FileAttributeType == .typeRegular
            else { continue }
            found.append("\(directory)/\(name)")
        }
        return found.sorted()
    }

    /// The text of a file of the tree.
    static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: root.appendingPathComponent(path)), as: UTF8.self)
    }
}
