internal import LinuxSystem

/// The v1 announcement of memory shortage: an eventfd that `cgroup.event_control` has tied to `memory.oom_control`.
final class MemoryShortage {
    let counter: EventCounter

    /// - Parameters:
    ///   - name: the leaf's directory below `directory`.
    ///   - control: its `memory.oom_control`, open; the kernel keeps the group, not this descriptor.
    init(of name: String, at directory: Int32, control: Int32) throws(SystemCallError) {
        counter = try EventCounter()
        try Files.write("\(counter.number) \(control)", to: "\(name)/cgroup.event_control", at: directory)
    }
}
