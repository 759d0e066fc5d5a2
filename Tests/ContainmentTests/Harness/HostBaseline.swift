internal import Foundation
internal import Testing

/// What the suite's runs could leave behind on the host, at one moment: the oracles O1 to O4, O9 and O13.
struct HostBaseline: Sendable {
    /// O1: processes of sandboxes, and zombies among the children of the warden and its zygotes.
    var processes: Set<String>
    /// O2: directories below our cgroup parents, in every hierarchy.
    var cgroups: Set<String>
    /// O2: memory cgroups, the dying ones too.
    var memoryCgroups: Int
    /// O3: the mounts of the host and of the warden.
    var hostMounts: [String]
    var wardenMounts: [String]
    /// O4: the warden's descriptors by class.
    var wardenDescriptors: [String: Int]
    /// O9: System V objects, names in /dev/shm.
    var ipc: Set<String>
    /// O13: files where the warden may write, bytes it and its zygotes wrote to disks, bytes of all tmpfs together.
    /// Not df: the rest of the machine writes too, and a measure that others move proves nothing.
    var files: Set<String>
    var writtenBytes: Int64
    var sharedMemory: Int64

    /// Dying memory cgroups go when their last page does, which may take a while.
    static let memoryCgroupSlack = 24
    static let writtenSlack: Int64 = 1 << 20
    static let sharedMemorySlack: Int64 = 4 << 20

    static func capture(warden pid: Int32) -> HostBaseline {
        HostBaseline(
            processes: sandboxProcesses(of: pid), cgroups: CgroupListing.ours(),
            memoryCgroups: CgroupListing.memoryCount(), hostMounts: mounts(of: 1), wardenMounts: mounts(of: pid),
            wardenDescriptors: descriptors(of: pid), ipc: ipcObjects(),
            files: writableFiles(), writtenBytes: writtenBytes(by: pid), sharedMemory: sharedMemoryBytes())
    }

    /// What is different now, oracle by oracle; empty when all is as it was.
    func differences(from before: HostBaseline) -> [String] {
        var all: [String] = []
        func compare(_ oracle: String, _ then: Set<String>, _ now: Set<String>) {
            if !now.subtracting(then).isEmpty {
                all.append("\(oracle): left behind \(now.subtracting(then).sorted().prefix(8))")
            }
        }
        compare("O1 processes", before.processes, processes)
        compare("O2 cgroups", before.cgroups, cgroups)
        if memoryCgroups > before.memoryCgroups + Self.memoryCgroupSlack {
            all.append("O2 memory cgroups: \(before.memoryCgroups) became \(memoryCgroups)")
        }
        if hostMounts != before.hostMounts { all.append("O3 the host's mounts changed") }
        if wardenMounts != before.wardenMounts { all.append("O3 the warden's mounts changed") }
        if wardenDescriptors != before.wardenDescriptors {
            all.append("O4 the warden's descriptors: \(before.wardenDescriptors) became \(wardenDescriptors)")
        }
        compare("O9 ipc", before.ipc, ipc)
        compare("O13 files", before.files, files)
        if writtenBytes > before.writtenBytes + Self.writtenSlack {
            all.append("O13 disk: the warden wrote \(writtenBytes - before.writtenBytes) bytes")
        }
        if sharedMemory > before.sharedMemory + Self.sharedMemorySlack {
            all.append("O13 tmpfs: \(sharedMemory - before.sharedMemory) bytes more")
        }
        return all
    }

    /// Compares with the present until nothing differs, or for `seconds`: the kernel frees some things a little later.
    func expectUnchanged(
        _ what: String, warden pid: Int32, within seconds: Double = 3, at location: SourceLocation = #_sourceLocation
    ) async {
        var last: [String] = []
        _ = await Host.eventually(within: seconds) {
            last = HostBaseline.capture(warden: pid).differences(from: self)
            return last.isEmpty
        }
        for difference in last { Issue.record("after \(what): \(difference)", sourceLocation: location) }
    }

    private static func mounts(of pid: Int32) -> [String] {
        (Host.text("/proc/\(pid)/mountinfo") ?? "").split(separator: "\n").map(String.init)
    }

    private static func descriptors(of pid: Int32) -> [String: Int] {
        var classes: [String: Int] = [:]
        let directory = "/proc/\(pid)/fd"
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(directory)/\(name)") else {
                continue
            }
            // Those of groups are bounded as the groups are. With v1, each has a counter that tells of short memory.
            if CgroupListing.isInLeaf(target) || target.hasSuffix("[eventfd]") { continue }
            let kind = target.hasPrefix("/") ? target : String(target.prefix { $0 != ":" || target.hasPrefix("anon") })
            classes[kind, default: 0] += 1
        }
        // More zygotes may have come to lend their network namespaces, which are bounded, too. Each has one of these.
        let lenders = WardenFamily(of: pid).zygotes.count { $0.name == "nestbox-init" }
        for kind in ["socket", "anon_inode:[pidfd]"] { classes[kind, default: 0] -= lenders }
        return classes
    }

    private static func ipcObjects() -> Set<String> {
        var all: Set<String> = []
        for kind in ["shm", "sem", "msg"] {
            for line in (Host.text("/proc/sysvipc/\(kind)") ?? "").split(separator: "\n").dropFirst() {
                all.insert("\(kind) \(line.split(separator: " ").prefix(2).joined(separator: " "))")
            }
        }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/dev/shm")) ?? [] {
            all.insert("/dev/shm/\(name)")
        }
        return all
    }

    private static func writableFiles() -> Set<String> {
        var all: Set<String> = []
        let places = ["/var/lib/nestbox", "/run/nestbox", (try? ProbeProgram.shared.get().directory) ?? "/nowhere"]
        for place in places {
            let files = FileManager.default.enumerator(atPath: place) ?? .init()
            for case let name as String in files {
                // Images are built here by others, and bound read-only by the warden.
                if place == "/var/lib/nestbox" && name == "roots" { files.skipDescendants() }
                all.insert("\(place)/\(name)")
            }
        }
        return all
    }

    private static func writtenBytes(by warden: Int32) -> Int64 {
        ([warden] + WardenFamily(of: warden).zygotes.map(\.pid)).reduce(0) { sum, pid in
            let line = (Host.text("/proc/\(pid)/io") ?? "").split(separator: "\n").first { $0.hasPrefix("write_bytes") }
            return sum + (line.flatMap { Int64($0.filter(\.isNumber)) } ?? 0)
        }
    }

    private static func sharedMemoryBytes() -> Int64 {
        let line = (Host.text("/proc/meminfo") ?? "").split(separator: "\n").first { $0.hasPrefix("Shmem:") }
        return line.flatMap { Int64($0.filter(\.isNumber)) }.map { $0 * 1024 } ?? 0
    }
}
