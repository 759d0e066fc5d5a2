internal import CgroupDiscovery
internal import Glibc
package import LinuxSystem

extension CgroupLeaf {
    /// Lends the descriptors, for reading only, of its account of processor time (`cpuacct.usage`, or `cpu.stat` of v2) and of memory
    /// (`memory.stat`), for a client that looks for itself. Who has them learns what processes of this leaf use, and can change nothing: the
    /// files belong to root.
    ///
    /// - Throws: when one of them cannot be opened.
    package func withMeter(_ body: (_ cpu: Int32, _ memory: Int32) -> Void) throws(SystemCallError) {
        guard let memory = parent.group(of: .memory) else {
            throw SystemCallError("open", errno: ENODEV, object: "memory.stat")
        }
        let file = try KernelFile("\(name)/memory.stat", at: memory.descriptor.number)
        body(cpuTime.number, file.number)
    }
}
