internal import ConfigurationFiles
internal import Glibc

/// Where the images of directories that lie over each other are.
enum ImageDirectories {
    /// The directories with an `image.yaml`, those of the first directory first, by name; a later one replaces one of its name.
    ///
    /// - Parameter directories: all but the first may be absent.
    /// - Throws: what makes unknown which images there are.
    static func find(
        in directories: [String], maximumCount: Int
    ) throws(ConfigurationError) -> (directories: [(name: String, path: String)], replaced: [String: String]) {
        var found: [(name: String, path: String)] = []
        var replaced: [String: String] = [:]
        for (number, directory) in directories.enumerated() {
            if number > 0, ConfigurationFile.isAbsent(directory) { continue }
            for name in try ConfigurationFile.names(inDirectory: directory, suffix: "") {
                let path = directory + "/" + name
                guard isDescribed(path) else { continue }
                if let index = found.firstIndex(where: { $0.name == name }) {
                    replaced[path] = found.remove(at: index).path
                }
                found.append((name, path))
            }
        }
        guard found.count <= maximumCount else {
            throw ConfigurationError(
                ConfigurationDiagnostic(
                    of: directories.joined(separator: ", "), "\(found.count) images, at most \(maximumCount) can be"))
        }
        return (found, replaced)
    }

    /// Whether it holds an `image.yaml`, or something of this name: what cannot be read is an error, not an absence.
    private static func isDescribed(_ directory: String) -> Bool {
        var status = stat()
        if lstat(directory + "/image.yaml", &status) == 0 { return true }
        // It lies in a directory that is closed to us.
        return errno == EACCES
    }
}
