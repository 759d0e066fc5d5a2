/// Reads which packages a root has from dpkg's own list in it.
enum DpkgStatus {
    static let maximumBytes = 33_554_432

    /// The installed packages of the tree at `path`, sorted by name; none when the tree has no such list.
    static func packages(in path: String) throws(ImageError) -> [PackageVersion] {
        var directory = try TreeDirectory(path)
        for component in ["var", "lib", "dpkg"] {
            let name = Array(component.utf8)
            guard try directory.isDirectory(name) else { return [] }
            directory = try directory.directory(name)
        }
        guard let bytes = try directory.contents(Array("status".utf8), limit: maximumBytes) else { return [] }
        return parse(String(decoding: bytes, as: UTF8.self))
    }

    static func parse(_ text: String) -> [PackageVersion] {
        var found: [PackageVersion] = []
        var name = ""
        var version = ""
        var installed = false
        func finish() {
            if installed, !name.isEmpty { found.append(PackageVersion(name: name, version: version)) }
            (name, version, installed) = ("", "", false)
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty {
                finish()
            } else if line.hasPrefix("Package: ") {
                name = String(line.dropFirst(9))
            } else if line.hasPrefix("Version: ") {
                version = String(line.dropFirst(9))
            } else if line.hasPrefix("Status: ") {
                installed = line.hasSuffix(" installed")
            }
        }
        finish()
        return found.sorted { $0.name < $1.name }
    }
}
