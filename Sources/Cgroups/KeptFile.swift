internal import CgroupDiscovery
internal import Glibc
package import LinuxSystem

/// A control file that stays open, to be read or written again: a leaf is used for one sandbox after another.
final class KeptFile {
    private let descriptor: OwnedDescriptor
    private let name: String

    init(_ path: String, at directory: Int32, isWritten: Bool) throws(SystemCallError) {
        descriptor = try Files.open(path, at: directory, flags: (isWritten ? O_RDWR : O_RDONLY) | O_NOCTTY)
        name = path
    }

    /// Reads its beginning into `buffer` and says how many bytes that are.
    func read(into buffer: inout [UInt8]) throws(SystemCallError) -> Int {
        try Files.peek(descriptor.number, into: &buffer, name: name)
    }

    func write(_ text: String) throws(SystemCallError) {
        try Files.overwrite(descriptor.number, with: text, name: name)
    }
}

extension CgroupLeaf {
    /// Files that `reset` writes to, and others read.
    private static let written: Set<String> = [
        "cpuacct.usage", "memory.failcnt", "memory.memsw.failcnt", "memory.max_usage_in_bytes",
    ]

    /// A control file of the leaf: open since it was last asked for, where so many may stay open, or opened now.
    ///
    /// - Returns: nil when this kernel has no such file.
    func file(_ controller: Controller, _ file: String) throws(SystemCallError) -> KeptFile? {
        if let kept = files[file] { return kept }
        guard let group = parent.group(of: controller) else { return nil }
        do throws(SystemCallError) {
            let opened = try KeptFile(
                "\(name)/\(file)", at: group.descriptor.number, isWritten: Self.written.contains(file))
            if parent.keepFiles(1) { files[file] = opened }
            return opened
        } catch {
            guard error.errno == ENOENT else { throw error }
            return nil
        }
    }

    /// Writes to a control file that every kernel has, or to one that may be absent.
    func write(
        _ text: String, to name: String, of controller: Controller, mayBeAbsent: Bool = false
    ) throws(SystemCallError) {
        if let file = try file(controller, name) { return try file.write(text) }
        guard mayBeAbsent else { throw SystemCallError("open", errno: ENOENT, object: name) }
    }

    /// What a process enters the leaf by, for the next sandbox in it.
    package func openEntrance() throws(SystemCallError) -> LeafEntrance {
        if let entrance { return entrance }
        let opened = try parent.openEntrance(of: id)
        if parent.keepFiles(opened.count) { entrance = opened }
        return opened
    }

    /// Closes what was kept open.
    func closeFiles() {
        parent.giveBackFiles(files.count + (entrance?.count ?? 0))
        files = [:]
        entrance = nil
    }
}

extension CgroupParent {
    /// Whether so many files more may stay open; counts them then.
    func keepFiles(_ count: Int) -> Bool {
        guard keptFiles + count <= maximumKeptFiles else { return false }
        keptFiles += count
        return true
    }

    func giveBackFiles(_ count: Int) { keptFiles -= count }
}
