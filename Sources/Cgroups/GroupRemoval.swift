internal import Glibc
internal import LinuxSystem

/// Kills what is in group directories and removes them, children first. Blocks; for start and end of a warden.
struct GroupRemoval {
    /// How directories are removed.
    let operations: any DirectoryOperations
    /// How many times to try; the pauses between grow to 10 ms, so 100 rounds are a second.
    var rounds = 100

    private static let maximumDepth = 8
    private static let maximumDirectories = 100_000

    func run(_ paths: [String]) -> [CgroupLeftover] {
        var remaining = paths
        var leftovers: [CgroupLeftover] = []
        for round in 0..<rounds {
            leftovers = []
            var next: [String] = []
            for path in remaining {
                if let leftover = remove(path) {
                    leftovers.append(leftover)
                    next.append(path)
                }
            }
            remaining = next
            if remaining.isEmpty { break }
            ListedProcesses.pause(milliseconds: Int32(min(1 + round, 10)))
        }
        return leftovers
    }

    /// One attempt; nil when the directory is gone.
    private func remove(_ path: String) -> CgroupLeftover? {
        do throws(SystemCallError) {
            if try removeTree(path, depth: 0) { return nil }
        } catch {
            return error.errno == ENOENT ? nil : CgroupLeftover(path: path, reason: error.description)
        }
        // Processes are in it: kill them, and come back in the next round.
        do throws(SystemCallError) {
            try kill(path, depth: 0)
        } catch {
            return CgroupLeftover(path: path, reason: error.description)
        }
        return CgroupLeftover(path: path, reason: "its processes have not died yet")
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

    private func kill(_ path: String, depth: Int) throws(SystemCallError) {
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
        for child in try children(of: path, depth: depth) { try kill("\(path)/\(child)", depth: depth + 1) }
    }

    private func children(of path: String, depth: Int) throws(SystemCallError) -> [String] {
        guard depth < Self.maximumDepth else { throw SystemCallError("readdir", errno: ELOOP, object: path) }
        let directory = try Files.openDirectory(path)
        return try Files.subdirectories(of: directory).prefix(Self.maximumDirectories).map { $0 }
    }
}
