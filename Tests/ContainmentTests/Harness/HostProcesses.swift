internal import Foundation

/// One process of the host, as /proc shows it to root.
struct HostProcess: Sendable {
    let pid: Int32
    let parent: Int32
    let name: String
    let state: String
    /// Real, effective, saved and file system uid, in the initial user namespace.
    let uids: [UInt32]

    init?(pid: Int32) {
        guard let status = Host.text("/proc/\(pid)/status") else { return nil }
        var fields: [Substring: Substring] = [:]
        for line in status.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        func trimmed(_ name: Substring) -> String { (fields[name] ?? "").trimmingCharacters(in: .whitespaces) }
        guard let parent = Int32(trimmed("PPid")) else { return nil }
        self.pid = pid
        self.parent = parent
        name = trimmed("Name")
        state = String(trimmed("State").prefix(1))
        uids = trimmed("Uid").split(separator: "\t").compactMap { UInt32($0) }
    }

    /// Whether nothing runs under this pid any more. A zombie counts as gone here: an orphan's is its new parent's to
    /// reap, which on some machines takes its time.
    static func isGone(_ pid: Int32) -> Bool {
        guard let process = HostProcess(pid: pid) else { return true }
        return process.state == "Z" || process.state == "X"
    }

    static func all() -> [HostProcess] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap(Int32.init)
            .compactMap(HostProcess.init)
    }

    /// Everything below a process, grouped by distance: children, grandchildren and so on.
    static func generations(below root: Int32) -> [[HostProcess]] {
        let byParent = Dictionary(grouping: all(), by: \.parent)
        var generations: [[HostProcess]] = []
        var current = byParent[root] ?? []
        while !current.isEmpty {
            generations.append(current)
            current = current.flatMap { byParent[$0.pid] ?? [] }
        }
        return generations
    }
}

/// The processes of a warden, by what they are: its children are zygotes, theirs the sandboxes' inits, and below these
/// is foreign code.
struct WardenFamily: Sendable {
    let zygotes: [HostProcess]
    let inits: [HostProcess]
    let programs: [HostProcess]

    init(of warden: Int32) {
        let generations = HostProcess.generations(below: warden)
        zygotes = generations.first ?? []
        inits = generations.count > 1 ? generations[1] : []
        programs = Array(generations.dropFirst(2).joined())
    }

    var everybody: [HostProcess] { zygotes + inits + programs }
}

extension HostBaseline {
    /// O1: sandboxes of a warden, zombies of its family, and processes whose cgroup is one of ours.
    static func sandboxProcesses(of warden: Int32) -> Set<String> {
        let family = WardenFamily(of: warden)
        var all = Set((family.inits + family.programs).map { "\($0.pid) \($0.name)" })
        for process in family.zygotes where process.state == "Z" { all.insert("\(process.pid) zombie \(process.name)") }
        return all
    }
}

/// The cgroup directories that belong to Nestbox, in every mounted hierarchy.
enum CgroupListing {
    /// The most groups that a warden keeps for its next sandboxes.
    static let maximumSpares = 32

    /// Ours, without the empty ones that wait for another sandbox, as long as those are no more than there may be.
    static func ours() -> Set<String> {
        let all = directories { $0.hasPrefix("nestbox") && !isElsewhere($0) }
        let spares = all.filter(isSpare)
        let names = Set(spares.map { URL(fileURLWithPath: $0).pathComponents.suffix(2) })
        return names.count <= maximumSpares ? all.subtracting(spares) : all
    }

    /// Whether this is the group of a sandbox, without a process in it.
    private static func isSpare(_ path: String) -> Bool {
        let parts = URL(fileURLWithPath: path).pathComponents.suffix(2)
        guard parts.first?.hasPrefix("nestbox-") == true, parts.last.map({ UInt64($0) != nil }) == true else {
            return false
        }
        return Host.text("\(path)/cgroup.procs")?.isEmpty == true
    }

    /// Whether this is a file of the group of a sandbox.
    static func isInLeaf(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        guard path.hasPrefix("/sys/fs/cgroup/"),
            let parent = parts.firstIndex(where: { $0.hasPrefix("nestbox-") }), parts.count > parent + 1
        else { return false }
        return UInt64(parts[parent + 1]) != nil
    }

    /// The directories of one warden, living or dead, those of its sandboxes included.
    static func groups(of warden: Int32) -> Set<String> {
        directories { $0.hasPrefix("nestbox-\(warden)-") }
    }

    /// The directories whose first part that begins with `nestbox` is of interest, and those below them.
    private static func directories(where isOfInterest: (String) -> Bool) -> Set<String> {
        var all: Set<String> = []
        for line in (Host.text("/proc/self/mountinfo") ?? "").split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), fields.count > dash + 1, fields.count > 4,
                fields[dash + 1] == "cgroup" || fields[dash + 1] == "cgroup2"
            else { continue }
            let enumerator = FileManager.default.enumerator(
                at: URL(fileURLWithPath: String(fields[4])), includingPropertiesForKeys: [.isDirectoryKey])
            for case let url as URL in enumerator ?? FileManager.DirectoryEnumerator() {
                guard (try? url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true else { continue }
                if let name = url.pathComponents.first(where: { $0.hasPrefix("nestbox") }), isOfInterest(name) {
                    all.insert(url.path)
                }
            }
        }
        return all
    }

    /// Whether a parent of this name, `nestbox-PID-...`, belongs to a living warden that is not this process's.
    private static func isElsewhere(_ name: String) -> Bool {
        let parts = name.split(separator: "-")
        guard parts.count > 1, let pid = Int32(parts[1]), let owner = HostProcess(pid: pid) else { return false }
        return owner.name == "nestbox-warden" && owner.parent != getpid() && owner.state != "Z"
    }

    /// How many memory cgroups the kernel has, those without a directory included.
    static func memoryCount() -> Int {
        let line = (Host.text("/proc/cgroups") ?? "").split(separator: "\n").first { $0.hasPrefix("memory") }
        return line.flatMap { Int($0.split(separator: "\t")[2]) } ?? 0
    }
}
