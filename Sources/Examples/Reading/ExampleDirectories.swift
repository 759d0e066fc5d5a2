internal import ConfigurationFiles
internal import Glibc

/// Where the examples of directories that lie over each other are.
enum ExampleDirectories {
    struct Place: Sendable {
        let language: String
        let slug: String
        let path: String

        /// `<language>/<slug>`.
        var name: String { language + "/" + slug }
    }

    /// All directories two levels down, by name; a later one replaces one of its name. Files beside them are left alone.
    ///
    /// - Throws: what makes unknown which examples there are.
    static func find(
        in directories: [String], maximumCount: Int
    ) throws(ConfigurationError) -> (places: [Place], replaced: [String: String]) {
        var found: [String: Place] = [:]
        var replaced: [String: String] = [:]
        for directory in directories where !ConfigurationFile.isAbsent(directory) {
            for language in try ConfigurationFile.names(inDirectory: directory, suffix: "") {
                let path = directory + "/" + language
                guard isDirectory(path) else { continue }
                for slug in try ConfigurationFile.names(inDirectory: path, suffix: "") {
                    let place = Place(language: language, slug: slug, path: path + "/" + slug)
                    guard isDirectory(place.path) else { continue }
                    if let other = found.updateValue(place, forKey: place.name) { replaced[place.path] = other.path }
                }
            }
        }
        guard found.count <= maximumCount else {
            throw ConfigurationError(
                ConfigurationDiagnostic(
                    of: directories.joined(separator: ", "), "\(found.count) examples, at most \(maximumCount) can be"))
        }
        return (found.values.sorted { $0.name < $1.name }, replaced)
    }

    /// What tells this state of all files from every other one: paths, sizes and times of change. Looks at the disk, reads no file.
    static func stamp(of directories: [String]) -> String? {
        guard let (places, _) = try? find(in: directories, maximumCount: ExampleLibrary.maximumExamples) else {
            return nil
        }
        var lines: [String] = []
        for place in places {
            let names = (try? ConfigurationFile.names(inDirectory: place.path, suffix: "")) ?? []
            for name in names.prefix(maximumNames) {
                let path = place.path + "/" + name
                lines.append("\(path) \(FileStamp(path).map { "\($0)" } ?? "-")")
            }
        }
        return lines.joined(separator: "\n")
    }

    /// The most files of one directory that a stamp is made of.
    private static let maximumNames = 64

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return errno == EACCES }
        return status.st_mode & S_IFMT == S_IFDIR
    }
}
