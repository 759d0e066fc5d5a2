package import CgroupDiscovery
internal import Glibc
internal import LinuxSystem

/// Removes the groups of wardens that are no more. For the start of a warden, before its own group is made; blocks.
///
/// Looks in the own cgroup, in those above it and in their children, in every hierarchy: a warden that is started
/// again by its service or from another session lives beside its predecessor, not in the same place.
package struct CgroupSweep {
    /// What a sweep has done.
    package struct Result: Equatable {
        package var removed: [String] = []
        package var failed: [CgroupLeftover] = []
    }

    private let operations: any DirectoryOperations
    private let rounds: Int
    private static let maximumDirectories = 10_000

    /// - Parameters:
    ///   - operations: how directories are removed.
    ///   - rounds: how often to retry while processes die, with pauses of up to 10 ms: a second for everything together.
    package init(operations: any DirectoryOperations = KernelDirectories(), rounds: Int = 100) {
        self.operations = operations
        self.rounds = rounds
    }

    /// - Parameters:
    ///   - host: where to look.
    ///   - configured: the path below the mount points that `CgroupParent` was given, if any.
    /// - Returns: the directories removed, and those of dead wardens that are still there. A directory whose name is
    ///   not exactly a warden's, whose process lives or whose lock is held is neither touched nor mentioned.
    package func run(host: CgroupHost, configured: String? = nil) -> Result {
        var result = Result()
        var found: [WardenName: [String]] = [:]
        for hierarchy in host.hierarchies {
            var places = places(in: hierarchy)
            if let configured {
                places.insert("\(hierarchy.mountPoint)/\(configured.split(separator: "/").joined(separator: "/"))")
            }
            for place in places {
                for child in subdirectories(of: place) {
                    guard let name = WardenName(child) else { continue }
                    found[name, default: []].append("\(place)/\(child)")
                }
            }
        }
        var dead: [String] = []
        // Kept until the directories are gone: `CgroupParent.claim` sees by them that its new directory is being removed.
        var locks: [Int32] = []
        defer { for lock in locks { close(lock) } }
        for (name, paths) in found {
            let paths = Set(paths).sorted()
            if isDead(name, paths, &locks, &result) { dead += paths }
        }
        let leftovers = GroupRemoval(operations: operations, rounds: rounds).run(dead)
        let kept = Set(leftovers.map(\.path))
        result.failed += leftovers
        result.removed = dead.filter { !kept.contains($0) }.sorted()
        return result
    }

    private func isDead(
        _ name: WardenName, _ paths: [String], _ locks: inout [Int32], _ result: inout Result
    ) -> Bool {
        let count = locks.count
        var isDead = false
        defer {
            if !isDead {
                for lock in locks[count...] { close(lock) }
                locks.removeSubrange(count...)
            }
        }
        do throws(SystemCallError) {
            if try name.isAlive() { return false }
            for path in paths {
                // The pid may be one of another pid namespace; the lock is true in all of them.
                let directory = try Files.openDirectory(path)
                guard try directory.tryLock() else { return false }
                locks.append(directory.release())
            }
            isDead = true
            return true
        } catch {
            if error.errno != ENOENT {
                result.failed += paths.map { CgroupLeftover(path: $0, reason: error.description) }
            }
            return false
        }
    }

    /// The own group, those above it, and their children; without the groups of wardens themselves.
    private func places(in hierarchy: CgroupHierarchy) -> Set<String> {
        var places: Set<String> = []
        for directory in hierarchy.chain {
            places.insert(directory)
            for child in subdirectories(of: directory) where WardenName(child) == nil {
                guard places.count < Self.maximumDirectories else { return places }
                places.insert("\(directory)/\(child)")
            }
        }
        return places
    }

    /// None when the directory is gone or closed to us: then nothing of ours is to be reached there.
    private func subdirectories(of path: String) -> [String] {
        do {
            return try Files.subdirectories(of: try Files.openDirectory(path))
        } catch {
            return []
        }
    }
}
