internal import Glibc
internal import LinuxSystem

// The Glibc module leaves variadic functions out. With integer arguments alone this one is called like any other.
@_silgen_name("syscall")
private func rawSystemCall(_ number: Int, _ a: Int, _ b: Int, _ c: Int, _ d: Int) -> Int

@_silgen_name("memfd_create")
private func libcMemoryFile(_ name: UnsafePointer<CChar>, _ flags: UInt32) -> Int32

/// Asks the kernel whether it has a system call, with arguments that can do nothing.
enum SystemCallProbe {
    private static func errno(_ number: Int, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0, _ d: Int = 0) -> Int32 {
        rawSystemCall(number, a, b, c, d) < 0 ? lastErrno : 0
    }

    // These numbers are the same on every architecture.
    static var hasPidDescriptors: Bool { errno(424, -1, 0) != ENOSYS }
    static var hasClone3: Bool { errno(435, 0, 0) != ENOSYS }
    static var hasCloseRange: Bool { errno(436, 0xffff_fffe, 0xffff_fffe) == 0 }
    static var hasOpenat2: Bool { errno(437, -1, 0, 0, 0) != ENOSYS }

    static var hasMemoryFiles: Bool {
        let file = libcMemoryFile("probe", 3)
        if file >= 0 { close(file) }
        return file >= 0
    }

    /// The version of Landlock's interface; 0 when there is none.
    static var landlockVersion: Int { max(rawSystemCall(444, 0, 0, 1, 0), 0) }
}
