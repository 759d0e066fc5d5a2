internal import Glibc
internal import LinuxSystem

/// The descriptors through which a process puts itself into a leaf: `tasks` of every v1 hierarchy, open for writing.
///
/// The kernel checks the rights of the process that opened them, so a process without any may use them. It must be
/// single-threaded and write "0" (one byte is enough) to each: that moves the writer alone and does not stall, unlike
/// a pid written to cgroup.procs. Closed when this value goes.
package struct AttachDescriptors: ~Copyable {
    /// In no particular order; empty on a v2-only host, where a process is cloned into its group.
    package let numbers: [Int32]

    init(_ paths: [(String, directory: Int32)]) throws(SystemCallError) {
        var opened: [Int32] = []
        do throws(SystemCallError) {
            for (path, directory) in paths {
                opened.append(try Files.open(path, at: directory, flags: O_WRONLY | O_NOCTTY).release())
            }
        } catch {
            for number in opened { close(number) }
            throw error
        }
        numbers = opened
    }

    deinit {
        for number in numbers { close(number) }
    }
}

/// What the first process of a sandbox enters its leaf by: the v1 `tasks` files, and the v2 directory to be cloned into.
/// Closed with the last reference.
package final class LeafEntrance {
    private let attach: AttachDescriptors
    private let unified: OwnedDescriptor?

    init(attach: consuming AttachDescriptors, unified: consuming OwnedDescriptor?) {
        self.attach = attach
        self.unified = unified
    }

    /// Open for writing; see `AttachDescriptors`.
    package var tasks: [Int32] { attach.numbers }
    /// nil on a host without v2 tree.
    package var directory: Int32? { unified.borrowedNumber }

    var count: Int { attach.numbers.count + (directory == nil ? 0 : 1) }
}
