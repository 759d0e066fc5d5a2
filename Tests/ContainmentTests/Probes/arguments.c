// C08 and its kind: which values of an argument reach the kernel, over whole ranges, and what comes of single ones. Descriptors
// and pointers are bad wherever the kernel looks at the value first, so that nothing is changed by what gets through.
#include "probe.h"
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/uio.h>

static void reached(const char *call, long level, unsigned long value, int is_sized, long result, int bad) {
    // The descriptor is -1: EBADF is the kernel's answer, everything else the filter's.
    if (result >= 0 || errno != bad) return;
    if (level >= 0) say("%s %ld/%lu", call, level, value);
    else say(is_sized ? "%s 0x%lx" : "%s %lu", call, value);
}

/// arguments options: of every level to 63 and each option to 255, those that reach the kernel.
static void options(void) {
    for (long level = 0; level < 64; level++)
        for (long option = 0; option < 256; option++)
            reached("setsockopt", level, (unsigned long)option, 0,
                    syscall(SYS_setsockopt, -1, level, option, NULL, 0), EBADF);
    for (long level = 0; level < 64; level++)
        for (long option = 0; option < 256; option++)
            reached("getsockopt", level, (unsigned long)option, 0,
                    syscall(SYS_getsockopt, -1, level, option, NULL, NULL), EBADF);
}

static const unsigned long sized[] = {
    0x802c542a, 0x402c542b, 0x402c542c, 0x402c542d, // TCGETS2 TCSETS2 TCSETSW2 TCSETSF2
    0x40086602, 0x401c5820, 0x40049409, 0x4020940d, // FS_IOC_SETFLAGS FS_IOC_FSSETXATTR FICLONE FICLONERANGE
    0xc0189436, 0x40046629, 0x80111500, 0x81009431, // FIDEDUPERANGE EXT4_IOC_GETSTATE FS_IOC_GETFSUUID FS_IOC_GETFSLABEL
    0xc020660b, 0xc0c0583b, 0xc0185879, 0xc0045877, // FS_IOC_FIEMAP FS_IOC_GETFSMAP FITRIM FIFREEZE
    0x8004587d, 0x80086601, 0x801c581f, 0x80045430, // EXT4_IOC_SHUTDOWN FS_IOC_GETFLAGS FS_IOC_FSGETXATTR TIOCGPTN
    0x40045431,                                     // TIOCSPTLCK
};

/// arguments ioctl: every request without a size, and some with one.
static void requests(void) {
    for (unsigned long request = 0; request <= 0xffff; request++)
        reached("ioctl", -1, request, 1, syscall(SYS_ioctl, -1, request, NULL), EBADF);
    for (size_t i = 0; i < sizeof sized / sizeof *sized; i++)
        reached("ioctl", -1, sized[i], 1, syscall(SYS_ioctl, -1, sized[i], NULL), EBADF);
}

/// arguments fcntl: every command to 2047.
static void commands(void) {
    for (long command = 0; command < 2048; command++)
        reached("fcntl", -1, (unsigned long)command, 0, syscall(SYS_fcntl, -1, command, 0), EBADF);
}

/// arguments madvise: advice that is taken for no pages at all. Above 100 it is for the machine's administrator.
static void advice(void) {
    for (long value = 0; value < 128; value++)
        if (syscall(SYS_madvise, sysconf(_SC_PAGESIZE), 0, value) == 0) say("madvise %ld", value);
}

static const char *mapped(void *address) { return answer(address == MAP_FAILED ? -1 : 0); }

/// arguments flags: single calls that take, tell or drop what belongs to the host or to all sandboxes.
static void flags(void) {
    // MAP_NORESERVE makes a mapping even where the pool is empty; nothing touches it.
    int huge = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_HUGETLB;
    say("MAP_HUGETLB %s", mapped(mmap(NULL, 2 << 20, PROT_READ, huge, -1, 0)));
    say("MFD_HUGETLB %s", answer(memfd_create("probe", MFD_HUGETLB)));
    int segment = shmget(IPC_PRIVATE, 2 << 20, IPC_CREAT | SHM_HUGETLB | SHM_NORESERVE | 0600);
    say("SHM_HUGETLB %s", answer(segment));
    if (segment >= 0) shmctl(segment, IPC_RMID, NULL);
    int pipe_ends[2];
    say("O_NOTIFICATION_PIPE %s", answer(pipe2(pipe_ends, O_EXCL)));
    int socket_ends[2] = {-1, -1};
    socketpair(AF_UNIX, SOCK_STREAM, 0, socket_ends);
    say("MSG_OOB %s", answer(send(socket_ends[0], "x", 1, MSG_OOB)));
    // One instruction: "take no bytes". One filter on one socket, which goes with this process.
    struct { unsigned short code; unsigned char jt, jf; unsigned int k; } instruction = {6, 0, 0, 0};
    struct { unsigned short length; void *filter; } program = {1, &instruction};
    say("SO_ATTACH_FILTER %s", answer(setsockopt(socket_ends[0], SOL_SOCKET, 26, &program, sizeof program)));
    say("SO_LOCK_FILTER %s", answer(setsockopt(socket_ends[0], SOL_SOCKET, 44, &(int){1}, sizeof(int))));
    // The program's own file is in tmpfs; this one is of the image.
    int file = open("/usr/bin/env", O_RDONLY);
    char byte;
    struct iovec one = {&byte, 1};
    say("RWF_NOWAIT %s", answer(preadv2(file, &one, 1, 0, RWF_NOWAIT)));
    say("F_SETLEASE %s", answer(fcntl(file, F_SETLEASE, F_RDLCK)));
    say("F_NOTIFY %s", answer(fcntl(open("/usr/bin", O_RDONLY | O_DIRECTORY), F_NOTIFY, DN_ACCESS)));
    say("F_OFD_SETLK %s", answer(fcntl(file, F_OFD_SETLK, &(struct flock){.l_type = F_RDLCK, .l_len = 1})));
    say("FIEMAP %s", answer(syscall(SYS_ioctl, file, 0xc020660b, (long[8]){0, 1, 0, 0})));
    say("inotify %s", answer(syscall(SYS_inotify_init1, 0)));
    struct rlimit none = {0, 0}, now = {7, 7};
    say("setrlimit core %s", answer(syscall(SYS_setrlimit, RLIMIT_CORE, &none)));
    say("prlimit64 core %s", answer(syscall(SYS_prlimit64, 0, RLIMIT_CORE, &none, NULL)));
    say("prlimit64 core and old %s", answer(syscall(SYS_prlimit64, 0, RLIMIT_CORE, &none, &now)));
    getrlimit(RLIMIT_CORE, &now);
    say("core %lu %lu", now.rlim_cur, now.rlim_max);
    // The kernel would say EBADF; what is answered without effect says ok.
    say("fsync %s", answer(fsync(-1)));
    say("fdatasync %s", answer(fdatasync(-1)));
    say("sync_file_range %s", answer(sync_file_range(-1, 0, 0, 0)));
    say("FADV_DONTNEED %s", answer(syscall(SYS_fadvise64, -1, 0, 0, POSIX_FADV_DONTNEED)));
    say("FADV_WILLNEED %s", answer(syscall(SYS_fadvise64, -1, 0, 0, POSIX_FADV_WILLNEED)));
}

/// arguments options|ioctl|fcntl|madvise|flags
int probe_arguments(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "options") == 0) options();
        if (strcmp(argv[i], "ioctl") == 0) requests();
        if (strcmp(argv[i], "fcntl") == 0) commands();
        if (strcmp(argv[i], "madvise") == 0) advice();
        if (strcmp(argv[i], "flags") == 0) flags();
    }
    return 0;
}

/// locks COUNT FILES: record locks of one byte each, apart from each other, in each of so many files; then waits for the end.
int probe_locks(int argc, char **argv) {
    long count = argc > 1 ? atol(argv[1]) : 1, files = argc > 2 ? atol(argv[2]) : 1, held = 0;
    for (long file = 0; file < files; file++) {
        char name[64];
        snprintf(name, sizeof name, "locks.%ld", file);
        int fd = open(name, O_RDWR | O_CREAT, 0600);
        // From the end to the beginning: the kernel's list is sorted, and the lowest place is found at once.
        for (long i = count; i > 0; i--) {
            struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 2 * i, .l_len = 1};
            if (fcntl(fd, F_SETLK, &lock) < 0) break;
            held++;
        }
    }
    say("locks %ld", held);
    if (argc > 3) sleep((unsigned)atoi(argv[3]));
    say("kept all");
    return 0;
}
