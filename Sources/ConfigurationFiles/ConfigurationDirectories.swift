internal import Foundation

/// Directories of YAML files that lie over each other: a file replaces one of the same name in the directories before.
package enum ConfigurationDirectories {
    /// A file in force, and its content unless it could not be read.
    package struct Document {
        package let file: String
        package var node: YAMLNode?
        package var error: ConfigurationError?

        package init(file: String) {
            self.file = file
        }

        /// The file's name without its suffix.
        package var stem: String {
            let name = file.split(separator: "/").last.map(String.init) ?? file
            for suffix in [".yaml", ".yml"] where name.hasSuffix(suffix) { return String(name.dropLast(suffix.count)) }
            return name
        }
    }

    /// Which files are in force, sorted, and which they replace.
    ///
    /// - Parameter mayBeAbsent: of all directories; otherwise only of all but the first.
    /// - Throws: what makes unknown which files there are.
    package static func files(
        in directories: [String], mayBeAbsent: Bool, maximumCount: Int
    ) throws(ConfigurationError) -> (files: [String], replaced: [String: String]) {
        var files: [String: (path: String, directory: Int)] = [:]
        var replaced: [String: String] = [:]
        for (number, directory) in directories.enumerated() {
            if mayBeAbsent || number > 0, ConfigurationFile.isAbsent(directory) { continue }
            // The second is an error, which has to be seen even when the first is there.
            for suffix in [".yaml", ".yml"] {
                for name in try ConfigurationFile.names(inDirectory: directory, suffix: suffix) {
                    let path = "\(directory)/\(name)"
                    let stem = Document(file: path).stem
                    if let other = files[stem], other.directory != number { replaced[path] = other.path }
                    files[stem] = (path, number)
                }
            }
        }
        guard files.count <= maximumCount else {
            throw ConfigurationError(
                ConfigurationDiagnostic(
                    of: directories.joined(separator: ", "), "\(files.count) files, at most \(maximumCount) can be"))
        }
        return (files.values.map(\.path).sorted(), replaced)
    }

    /// The files in force, read.
    package static func documents(
        in directories: [String], mayBeAbsent: Bool, maximumCount: Int
    ) throws(ConfigurationError) -> (documents: [Document], replaced: [String: String]) {
        let (files, replaced) = try files(in: directories, mayBeAbsent: mayBeAbsent, maximumCount: maximumCount)
        return (files.map(document), replaced)
    }

    /// The file at a path, or why it cannot be read.
    package static func document(_ path: String) -> Document {
        var document = Document(file: path)
        do throws(ConfigurationError) {
            guard !path.hasSuffix(".yml") else {
                throw ConfigurationError(ConfigurationDiagnostic(of: path, "the name has to end in .yaml, not .yml"))
            }
            document.node = try ConfigurationFile.document(atPath: path)
        } catch {
            document.error = error
        }
        return document
    }
}
