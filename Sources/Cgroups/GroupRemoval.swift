internal import Glibc
internal import LinuxSystem

/// Kills what is in group directories and removes them, children first. Blocks; for start and end of a warden.
///
/// However many directories there are, and however many of them cannot be removed: there is one time for all of them. What
/// could not be removed is marked, and looked at once the next time.
struct GroupRemoval {
    /// How directories are removed.
    let operations: any DirectoryOperations
    /// How many times to try; the pauses between grow to 10 ms, so 100 rounds are a second.
    var rounds = 100
    var pause: (Int32) -> Void = { ListedProcesses.pause(milliseconds: $0) }

    /// Says that a directory could not be removed before.
    private static let mark = "trusted.nestbox.left"
    private static let maximumDepth = 8
    private static let maximumDirectories = 100_000

    func run(_ paths: [String]) -> [CgroupLeftover] {
        var pace = EndPace(pause: pause)
        let (old, new) = (
            paths.filter { Files.isMarked($0, Self.mark) }, paths.filter { !Files.isMarked($0, Self.mark) }
        )
        let hopeless = old.compactMap { path in
            remove(path, &pace).map { CgroupLeftover(path: $0.path, reason: $0.reason, isKnown: true) }
        }
        var remaining = new
        var leftovers: [CgroupLeftover] = []
        for round in 0..<rounds {
            leftovers = remaining.compactMap { remove($0, &pace) }
            remaining = leftovers.map(\.path)
            if remaining.isEmpty { break }
            pause(Int32(min(1 + round, 10)))
        }
        // Without the mark, it is waited for again the next time.
        for path in remaining { Files.mark(path, Self.mark) }
        return hopeless + leftovers
    }

    /// One attempt; nil when the directory is gone.
    private func remove(_ path: String, _ pace: inout EndPace) -> CgroupLeftover? {
        do throws(SystemCallError) {
            if try removeTree(path, depth: 0) { return nil }
        } catch {
            return error.errno == ENOENT ? nil : CgroupLeftover(path: path, reason: error.description)
        }
        // Processes are in it: kill them, and come back in the next round.
        do throws(SystemCallError) {
            try kill(path, depth: 0, &pace)
        } catch {
            return CgroupLeftover(path: path, reason: error.description)
        }
        return CgroupLeftover(path: path, reason: "its processes do not die: \(CgroupProcesses.describe(below: path))")
    }

    private func removeTree(_ path: String, depth: Int) throws(SystemCallError) -> Bool {
        var isEmpty = true
        for child in try children(of: path, depth: depth) {
            isEmpty = try removeTree("\(path)/\(child)", depth: depth + 1) && isEmpty
        }
        guard isEmpty, let slash = path.lastIndex(of: "/") else { return false }
        let parent = try Files.openDirectory(slash == path.startIndex ? "/" : String(path[..<slash]))
        do throws(SystemCallError) {
            try operations.remove(String(path[path.index(after: slash)...]), parent.number)
        } catch {
            if error.errno == EBUSY { return false }
            if error.errno != ENOENT { throw error }
        }
        return true
    }

    /// Sandboxes one by one, then the rest. A kill of the whole would end them all at the same time.
    private func kill(_ path: String, depth: Int, _ pace: inout EndPace) throws(SystemCallError) {
        for child in try children(of: path, depth: depth) { try kill("\(path)/\(child)", depth: depth + 1, &pace) }
        guard try isPopulated(path) else { return }
        pace.next()
        do throws(SystemCallError) {
            // Takes the whole subtree, forks under way included.
            try Files.write("1", to: "\(path)/cgroup.kill")
            return
        } catch {
            guard error.errno == ENOENT || error.errno == EOPNOTSUPP else { throw error }
        }
        try ListedProcesses.kill { () throws(SystemCallError) in
            try CgroupProcesses.list("\(path)/cgroup.procs")
        }
    }

    /// Whether a process is in it, not below it. True for a v2 group that will not say (it is a threaded one).
    private func isPopulated(_ path: String) throws(SystemCallError) -> Bool {
        do throws(SystemCallError) {
            return try !CgroupProcesses.list("\(path)/cgroup.procs").isEmpty
        } catch {
            if error.errno == EOPNOTSUPP { return true }
            throw error
        }
    }

    private func children(of path: String, depth: Int) throws(SystemCallError) -> [String] {
        guard depth < Self.maximumDepth else { throw SystemCallError("readdir", errno: ELOOP, object: path) }
        let directory = try Files.openDirectory(path)
        return try Files.subdirectories(of: directory).prefix(Self.maximumDirectories).map { $0 }
    }
}
