// Landlock (landlock(7)): a second layer under the mounts and the seccomp filter, for the day one of them has a hole.
#include "internal.h"
#include <linux/types.h>

// The header of Debian 12 knows ABI 2; these are the kernel's numbers for later ones.
enum {
    FS_EXECUTE = 1 << 0,
    FS_WRITE_FILE = 1 << 1,
    FS_READ_FILE = 1 << 2,
    FS_READ_DIR = 1 << 3,
    FS_MAKE_CHAR = 1 << 6,
    FS_MAKE_BLOCK = 1 << 11,
    FS_REFER = 1 << 13,    // ABI 2
    FS_TRUNCATE = 1 << 14, // ABI 3
    FS_IOCTL_DEV = 1 << 15 // ABI 5
};
enum { NET_BIND_TCP = 1, NET_CONNECT_TCP = 2 };                   // ABI 4
enum { SCOPE_ABSTRACT_UNIX_SOCKET = 1, SCOPE_SIGNAL = 2 };        // ABI 6
enum { CREATE_RULESET_VERSION = 1, RULE_PATH_BENEATH = 1 };

struct ruleset {
    __u64 fs, net, scoped;
};

struct path_beneath {
    __u64 allowed;
    __s32 parent;
} __attribute__((packed));

int nestbox_landlock_apply(int loopback, int has_siblings) {
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
    if (abi < 0) return errno == ENOSYS || errno == EOPNOTSUPP ? 0 : -errno;
    __u64 all = (1 << 13) - 1;
    if (abi >= 2) all |= FS_REFER;
    if (abi >= 3) all |= FS_TRUNCATE;
    if (abi >= 5) all |= FS_IOCTL_DEV;
    struct ruleset ruleset = {.fs = all};
    if (abi >= 4 && !loopback) ruleset.net = NET_BIND_TCP | NET_CONNECT_TCP;
    // Processes that are started one by one have a domain each, and are to reach one another: what separates them from all else is
    // the pid namespace, with a pid 1 of another user, and the network namespace.
    if (abi >= 6 && !has_siblings) ruleset.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
    size_t size = abi >= 6 ? sizeof ruleset : abi >= 4 ? 2 * sizeof(__u64) : sizeof(__u64);
    int rules = (int)syscall(SYS_landlock_create_ruleset, &ruleset, size, 0);
    if (rules < 0) return -errno;

    const __u64 read = FS_EXECUTE | FS_READ_FILE | FS_READ_DIR;
    const __u64 write = all & ~(__u64)(FS_MAKE_CHAR | FS_MAKE_BLOCK | FS_IOCTL_DEV);
    const struct {
        const char *path;
        __u64 allowed;
    } grants[] = {
        {"/", read},
        {"/box", write},
        {"/tmp", write},
        {"/dev/shm", write},
        {"/dev", read | FS_WRITE_FILE | (all & FS_IOCTL_DEV)},
        {"/proc", read | FS_WRITE_FILE},
    };
    int result = 0;
    for (size_t i = 0; result == 0 && i < sizeof grants / sizeof *grants; i++) {
        struct path_beneath rule = {grants[i].allowed & all, open(grants[i].path, O_PATH | O_CLOEXEC)};
        if (rule.parent < 0) {
            result = -errno;
            break;
        }
        if (syscall(SYS_landlock_add_rule, rules, RULE_PATH_BENEATH, &rule, 0) < 0) result = -errno;
        close(rule.parent);
    }
    if (result == 0 && syscall(SYS_landlock_restrict_self, rules, 0) < 0) result = -errno;
    close(rules);
    return result;
}
