internal import CSeccomp

/// The x86-64 number of a system call, from libseccomp's table; nil for names it does not know.
package func syscallNumber(_ name: String) -> UInt32? {
    // SAFETY: the bridged string is NUL-terminated and outlives the call. 0xc000003e is SCMP_ARCH_X86_64.
    let number = unsafe seccomp_syscall_resolve_name_arch(0xc000_003e, name)
    return number >= 0 ? UInt32(number) : nil
}
