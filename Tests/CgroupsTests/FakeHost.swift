import Foundation
import Glibc
import LinuxSystem

@testable import CgroupDiscovery
@testable import Cgroups

/// A cgroup file system of ordinary files in a temporary directory.
///
/// A new group gets the control files a kernel would put there; what is in `broken` becomes a link to a device instead.
final class FakeHost: DirectoryOperations {
    enum Kind {
        case legacy, hybrid, unified
    }

    let root: String
    let kind: Kind
    /// Control files, by name, that are links to this path in groups made from now on.
    var broken: [String: String] = [:]
    /// Control files a new group does not get.
    var absent: Set<String> = []
    /// Paths below `root` whose removal fails with EBUSY.
    var busy: Set<String> = []

    static let files: [String: [String: String]] = [
        "cpu,cpuacct": [
            "cpu.cfs_period_us": "", "cpu.cfs_quota_us": "", "cpuacct.usage": "12345\n",
            "cpuacct.usage_user": "12000\n",
            "cpuacct.usage_sys": "345\n",
        ],
        "memory": [
            "memory.limit_in_bytes": "", "memory.memsw.limit_in_bytes": "", "memory.swappiness": "",
            "memory.usage_in_bytes": "4096\n", "memory.max_usage_in_bytes": "8192\n", "memory.failcnt": "3\n",
            "memory.memsw.failcnt": "4\n", "memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
            "cgroup.event_control": "",
        ],
        "pids": ["pids.max": "", "pids.current": "5\n", "pids.peak": "9\n", "pids.events": "max 7\n"],
        "unified": [
            "cgroup.events": "populated 0\nfrozen 0\n", "cgroup.kill": "", "cgroup.controllers": "cpu memory pids\n",
            "cgroup.subtree_control": "", "cgroup.type": "domain\n", "cpu.max": "",
            "cpu.stat": "usage_usec 70\nuser_usec 50\nsystem_usec 20\n", "memory.max": "", "memory.swap.max": "",
            "memory.oom.group": "", "memory.current": "4096\n", "memory.peak": "8192\n",
            "memory.events": "low 0\nhigh 0\nmax 6\noom 1\noom_kill 2\noom_group_kill 1\n", "pids.max": "",
            "pids.current": "5\n", "pids.peak": "9\n", "pids.events": "max 7\n",
        ],
    ]

    var hierarchies: [String] {
        switch kind {
        case .legacy: ["cpu,cpuacct", "memory", "pids"]
        case .hybrid: ["cpu,cpuacct", "memory", "pids", "unified"]
        case .unified: ["unified"]
        }
    }

    init(_ kind: Kind) throws {
        self.kind = kind
        root = "/tmp/nestbox cgroups \(UUID().uuidString)"
        for hierarchy in hierarchies {
            try FileManager.default.createDirectory(atPath: "\(root)/\(hierarchy)", withIntermediateDirectories: true)
            try populate("\(root)/\(hierarchy)", hierarchy)
            // Our own group is /slice/own.
            for group in ["slice", "slice/own"] {
                try FileManager.default.createDirectory(
                    atPath: "\(root)/\(hierarchy)/\(group)", withIntermediateDirectories: true)
                try populate("\(root)/\(hierarchy)/\(group)", hierarchy)
            }
        }
        try? FileManager.default.removeItem(atPath: "\(root)/unified/cgroup.type")
        try writeProc()
    }

    func tearDown() {
        try? FileManager.default.removeItem(atPath: root)
    }

    var report: CgroupReport {
        CgroupReport.inspect(mountInfo: "\(root)/mountinfo", ownCgroups: "\(root)/cgroup")
    }

    func own(_ hierarchy: String) -> String { "\(root)/\(hierarchy)/slice/own" }

    func write(_ text: String, _ path: String) throws {
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    func read(_ path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8)
    }

    /// Writes mountinfo and cgroup files; a hierarchy can be left out or mounted read-only.
    func writeProc(unmounted: String? = nil, readOnly: String? = nil, ownPath: String = "/slice/own") throws {
        var mounts = "22 1 0:20 / / rw - ext4 /dev/vda rw\n"
        var own = "9:name=systemd:/\n"
        let escaped = root.replacingOccurrences(of: " ", with: "\\040")
        for (number, name) in hierarchies.enumerated() {
            own += name == "unified" ? "0::\(ownPath)\n" : "\(number + 1):\(name):\(ownPath)\n"
            if unmounted == name { continue }
            let type = name == "unified" ? "cgroup2" : "cgroup"
            let options = (readOnly == name ? "ro" : "rw") + ",nosuid"
            mounts += "3\(number) 22 0:3\(number) / \(escaped)/\(name) \(options) shared:9 - \(type) \(type) "
            mounts += name == "unified" ? "rw,nsdelegate\n" : "rw,\(name)\n"
        }
        try write(mounts, "\(root)/mountinfo")
        try write(own, "\(root)/cgroup")
    }

    private func populate(_ path: String, _ hierarchy: String) throws {
        var files = Self.files[hierarchy] ?? [:]
        files["cgroup.procs"] = ""
        if hierarchy != "unified" { files["tasks"] = "" }
        for (name, text) in files where !absent.contains(name) {
            if let target = broken[name] {
                try FileManager.default.createSymbolicLink(atPath: "\(path)/\(name)", withDestinationPath: target)
            } else {
                try write(text, "\(path)/\(name)")
            }
        }
    }

    private func path(_ name: String, _ directory: Int32) -> String {
        let base = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(directory)")) ?? ""
        return "\(base)/\(name)"
    }

    func make(_ name: String, _ directory: Int32) throws(SystemCallError) {
        try Files.makeDirectory(name, at: directory)
        let path = path(name, directory)
        let hierarchy = path.dropFirst(root.count + 1).split(separator: "/").first.map(String.init) ?? ""
        do {
            try populate(path, hierarchy)
        } catch {
            throw SystemCallError("populate", errno: EIO, object: path)
        }
    }

    func remove(_ name: String, _ directory: Int32) throws(SystemCallError) {
        let path = path(name, directory)
        if busy.contains(where: { path.hasSuffix($0) }) {
            throw SystemCallError("unlinkat", errno: EBUSY, object: path)
        }
        guard FileManager.default.fileExists(atPath: path) else {
            throw SystemCallError("unlinkat", errno: ENOENT, object: path)
        }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw SystemCallError("unlinkat", errno: EIO, object: path)
        }
    }
}
