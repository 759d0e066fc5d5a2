internal import Foundation
internal import Glibc
internal import SandboxSpec

extension PackageCache {
    /// Takes the lists and packages that apt left in a tree into the cache; what is there already counts as used again.
    ///
    /// Only trees that mmdebstrap made are to be given here. Half fetched files, which apt keeps elsewhere, are not taken.
    func keep(from root: String, cancellation: BuildCancellation = BuildCancellation()) throws(ImageError) {
        guard access(path, F_OK) == 0, access(root, R_OK) == 0 else { return }
        let lock = try RootLock.acquire(path + "/.lock", cancellation: cancellation) {}
        defer { lock.release() }
        guard let lists = try Self.directory("var/lib/apt/lists", in: root) else { return }
        let archives = try archives(in: root)
        let names = try lists.entries().map { String(decoding: $0, as: UTF8.self) }
        for directory in try TreeDirectory(path).entries().map({ "\(path)/" + String(decoding: $0, as: UTF8.self) }) {
            let prefix = AptFileName.encode("\(directory)/mirror.list/dists/")
            // The signed list of lists last: until it is there, the older one stands.
            let ordered = names.sorted { ($0.hasSuffix("Release") ? 1 : 0, $0) < ($1.hasSuffix("Release") ? 1 : 0, $1) }
            for name in ordered where name.hasPrefix(prefix) {
                guard let place = AptFileName.decode(name.dropFirst(prefix.count)), let path = try? BoxPath(place)
                else { continue }
                let list = "\(root)/var/lib/apt/lists/\(name)"
                if name.hasSuffix("_Packages") { try keep(archives, of: list, root: root, in: directory) }
                try replace("\(directory)/dists/\(path)", by: list)
            }
        }
        prune()
    }

    /// A directory of a tree, unless a component is missing or a link.
    private static func directory(_ path: String, in root: String) throws(ImageError) -> TreeDirectory? {
        var directory = try TreeDirectory(root)
        for component in path.split(separator: "/") {
            guard try directory.isDirectory(Array(component.utf8)) else { return nil }
            directory = try directory.directory(Array(component.utf8))
        }
        return directory
    }

    /// The packages apt has fetched, by what a mirror calls them.
    private func archives(in root: String) throws(ImageError) -> [String: String] {
        guard let directory = try Self.directory("var/cache/apt/archives", in: root) else { return [:] }
        var archives: [String: String] = [:]
        for name in try directory.entries() where name.suffix(4).elementsEqual(".deb".utf8) {
            guard try directory.isFile(name) else { continue }
            let text = String(decoding: name, as: UTF8.self)
            archives[AptFileName.poolName(text)] = text
        }
        return archives
    }

    /// Links those of the packages that a list names to where it says they are.
    private func keep(
        _ archives: [String: String], of list: String, root: String, in directory: String
    ) throws(ImageError) {
        for place in try Self.filenames(in: list) {
            guard let slash = place.lastIndex(of: "/"),
                let archive = archives[String(place[place.index(after: slash)...])],
                let path = try? BoxPath(place)
            else { continue }
            let target = "\(directory)/\(path)"
            try StorePaths.makeDirectory(String(target[..<(target.lastIndex(of: "/") ?? target.endIndex)]))
            let source = "\(root)/var/cache/apt/archives/\(archive)"
            guard link(source, target) == 0 || errno == EEXIST else {
                // On another file system nothing is kept, and fetched again.
                if errno == EXDEV { return }
                throw systemFailure("cannot keep the package \(archive)")
            }
            // What was used last is the last to go.
            utimensat(AT_FDCWD, target, nil, 0)
        }
    }

    /// A newer list takes an older one's place; the other way round nothing happens.
    private func replace(_ target: String, by list: String) throws(ImageError) {
        var new = stat()
        var old = stat()
        guard lstat(list, &new) == 0, new.st_mode & S_IFMT == S_IFREG else { return }
        if lstat(target, &old) == 0, old.st_ino == new.st_ino || old.st_mtim.tv_sec > new.st_mtim.tv_sec { return }
        try StorePaths.makeDirectory(String(target[..<(target.lastIndex(of: "/") ?? target.endIndex)]))
        let fresh = "\(target).new"
        unlink(fresh)
        guard link(list, fresh) == 0 || errno != EXDEV else { return }
        guard chmod(fresh, 0o644) == 0, rename(fresh, target) == 0 else {
            throw systemFailure("cannot keep the package list \(target)")
        }
    }

    /// What stands behind `Filename:` in a list of packages. Lists have tens of megabytes: of other lines no text is made.
    static func filenames(in list: String) throws(ImageError) -> [String] {
        guard let file = fopen(list, "re") else { throw systemFailure("cannot read \(list)") }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer {
            free(line)
            fclose(file)
        }
        let key = "Filename: "
        var found: [String] = []
        while case let count = getline(&line, &capacity, file), count > 0 {
            guard let line, count > key.utf8.count, strncmp(line, key, key.utf8.count) == 0 else { continue }
            let value = UnsafeRawBufferPointer(start: line, count: count).dropFirst(key.utf8.count)
            found.append(String(decoding: value.prefix { $0 != 0x0a }, as: UTF8.self))
        }
        return found
    }

    /// Packages whose files in the cache turned out bad, as apt reported: they are removed, so that the next build fetches them.
    ///
    /// - Parameter failures: locations below a `copy:` source, as apt writes them.
    /// - Returns: how many there were.
    @discardableResult
    func forget(_ failures: [String]) -> Int {
        var count = 0
        for failure in failures {
            guard let place = failure.removingPercentEncoding, place.hasPrefix(path + "/"),
                (try? BoxPath(String(place.dropFirst()))) != nil
            else { continue }
            if unlink(place) == 0 { count += 1 }
        }
        return count
    }
}
