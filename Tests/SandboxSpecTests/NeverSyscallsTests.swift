import SandboxSpec
import Testing

@Suite("The never-list")
struct NeverSyscallsTests {
    @Test(
        "holds the ways out of a sandbox",
        arguments: [
            "ptrace", "process_vm_writev", "pidfd_getfd", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup",
            "keyctl", "add_key", "mount", "move_mount", "pivot_root", "chroot", "unshare", "setns", "clone3",
            "kexec_load",
            "init_module", "finit_module", "open_by_handle_at", "reboot", "settimeofday", "clock_settime", "iopl",
            "seccomp", "landlock_restrict_self", "io_setup", "swapon", "syslog", "acct",
        ])
    func contains(name: String) {
        #expect(NeverSyscalls.contains(name))
    }

    @Test("leaves programs what they need", arguments: ["read", "write", "execve", "clone", "mmap", "socket", "ioctl"])
    func leaves(name: String) {
        #expect(!NeverSyscalls.contains(name))
    }

    @Test("is spelled as Linux spells")
    func spelling() {
        for name in NeverSyscalls.names {
            let isSpelled = name.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "_")
            }
            #expect(isSpelled && (1...32).contains(name.utf8.count), "\(name)")
        }
    }
}

@Suite("Failed stages")
struct StageFailureTests {
    @Test("say where, on what and why")
    func words() {
        #expect(
            StageFailure(stage: "rlimit", index: 3, errno: 1, object: "open_files").description
                == "stage rlimit[3] failed for open_files: errno 1")
        #expect(StageFailure(stage: "clone", errno: 11).description == "stage clone[0] failed: errno 11")
    }
}
