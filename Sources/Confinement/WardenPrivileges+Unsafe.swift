internal import CCapability
internal import Glibc
package import LinuxSystem

/// The warden's own capabilities: root needs nine of the forty-one to make sandboxes, and
/// keeps no more; a tenth if it is there.
package enum WardenPrivileges {
    private static let needed: [Int32] = [
        CAP_CHOWN,  // pipes and cgroup files get their users
        CAP_DAC_OVERRIDE,  // id maps of a process that belongs to the zygotes' user
        CAP_FOWNER,  // sticky and owner checks on the cgroup tree
        CAP_KILL,  // sandboxes have other uids
        CAP_MKNOD,  // the six device nodes of a root view
        CAP_SETGID, CAP_SETUID,  // id maps; zygotes become unprivileged
        CAP_SETPCAP,  // zygotes drop their bounding set
        CAP_SYS_ADMIN,  // mount namespaces of zygotes, id maps
    ]

    /// Kept where it is there: with it, sandboxes do not inherit that the warden is no prey of the kernel's memory killer.
    private static let useful = CAP_SYS_RESOURCE

    /// Gives up every other capability for good: permitted, effective, inheritable and bounding set.
    package static func keepNeeded() throws(SystemCallError) {
        var needed = needed
        if has(useful) { needed.append(useful) }
        // SAFETY: cap_init allocates a state that only this function uses and frees.
        guard let state = unsafe cap_init() else { throw SystemCallError("cap_init", errno: lastErrno) }
        defer { _ = unsafe cap_free(UnsafeMutableRawPointer(state)) }
        // A list with a name that the process does not have is refused by the kernel, so nothing is kept by accident.
        for set in [CAP_EFFECTIVE, CAP_PERMITTED] {
            // SAFETY: the count is the array's own; cap_set_flag only reads it.
            guard unsafe cap_set_flag(state, set, Int32(needed.count), needed, CAP_SET) == 0 else {
                throw SystemCallError("cap_set_flag", errno: lastErrno)
            }
        }
        // The bounding set goes first: afterwards CAP_SETPCAP could be gone in a changed list.
        for capability in 0..<cap_max_bits() where !needed.contains(capability) {
            guard cap_drop_bound(capability) == 0 else {
                throw SystemCallError("cap_drop_bound", errno: lastErrno, object: "\(capability)")
            }
        }
        // SAFETY: the state is valid until the deferred cap_free.
        guard unsafe cap_set_proc(state) == 0 else { throw SystemCallError("cap_set_proc", errno: lastErrno) }
    }

    /// Whether this process has a capability.
    private static func has(_ capability: Int32) -> Bool {
        // SAFETY: cap_get_proc allocates a state that only this function uses and frees.
        guard let state = unsafe cap_get_proc() else { return false }
        defer { _ = unsafe cap_free(UnsafeMutableRawPointer(state)) }
        var value = CAP_CLEAR
        // SAFETY: the state is valid until the deferred cap_free; one value is written.
        return unsafe cap_get_flag(state, capability, CAP_PERMITTED, &value) == 0 && value == CAP_SET
    }
}
