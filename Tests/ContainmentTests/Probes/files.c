// B04, B11, B13, B22, B23, B26, G01, G03, G05: files, devices, proc.
#include "probe.h"
#include <dirent.h>
#include <ftw.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

/// cat PATH...: each file's content, or what opening it answered.
int probe_cat(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        char bytes[65536];
        int fd = open(argv[i], O_RDONLY);
        ssize_t count = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
        if (count < 0) say("cat %s %s", argv[i], answer(-1));
        for (; count > 0; count = read(fd, bytes, sizeof bytes))
            if (write(1, bytes, (size_t)count) < 0) return 1;
        if (fd >= 0) close(fd);
    }
    return 0;
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

/// list DIR: name, type and link target of every entry, sorted.
int probe_list(int argc, char **argv) {
    if (argc < 2) return 64;
    struct dirent **entries;
    int count = scandir(argv[1], &entries, NULL, by_name);
    if (count < 0) say("list %s %s", argv[1], answer(-1));
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
        char path[4096], target[1024] = "";
        snprintf(path, sizeof path, "%s/%s", argv[1], name);
        struct stat info;
        if (lstat(path, &info) != 0) {
            say("%s %s", name, answer(-1));
        } else if (S_ISLNK(info.st_mode)) {
            if (readlink(path, target, sizeof target - 1) < 0) strcpy(target, "?");
            say("%s -> %s", name, target);
        } else if (S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode)) {
            say("%s %s %u:%u", name, S_ISCHR(info.st_mode) ? "character" : "block", major(info.st_rdev),
                minor(info.st_rdev));
        } else {
            say("%s %s", name, S_ISDIR(info.st_mode) ? "directory" : S_ISREG(info.st_mode) ? "file" : "other");
        }
    }
    return 0;
}

/// open PATH...: reading, writing, both; nothing is read or written.
int probe_open(int argc, char **argv) {
    static const struct {
        const char *name;
        int flags;
    } modes[] = {{"r", O_RDONLY}, {"w", O_WRONLY}, {"rw", O_RDWR}};
    for (int i = 1; i < argc; i++)
        for (size_t mode = 0; mode < 3; mode++) {
            int fd = open(argv[i], modes[mode].flags | O_NONBLOCK | O_NOCTTY);
            say("open %s %s %s", modes[mode].name, argv[i], answer(fd));
            if (fd >= 0) close(fd);
        }
    return 0;
}

/// nodes: device nodes made in the working directory: memory, console, tun, a disk.
int probe_nodes(int argc, char **argv) {
    (void)argc, (void)argv;
    static const struct {
        mode_t type;
        unsigned major, minor;
    } nodes[] = {{S_IFCHR, 1, 1}, {S_IFCHR, 1, 3}, {S_IFCHR, 5, 1}, {S_IFCHR, 10, 237}, {S_IFBLK, 254, 0}};
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
        long made = mknod("planted-by-job", nodes[i].type | 0666, makedev(nodes[i].major, nodes[i].minor));
        say("mknod %c %u:%u %s", nodes[i].type == S_IFCHR ? 'c' : 'b', nodes[i].major, nodes[i].minor, answer(made));
        if (made == 0) unlink("planted-by-job");
    }
    say("mkfifo %s", answer(mkfifo("fifo-by-job", 0600)));
    unlink("fifo-by-job");
    return 0;
}

static long writable, seen;

static int count_writable(const char *path, const struct stat *info, int type, struct FTW *where) {
    (void)info, (void)where;
    if (type != FTW_F) return 0;
    seen++;
    if (access(path, W_OK) == 0 || faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0) {
        writable++;
        if (writable <= 5) say("writable %s", path);
    }
    return 0;
}

/// sysctl: how many files below /proc/sys are there, and how many could be written; core_pattern, and those that pid 1 has
/// written to when it made the sandbox, by name.
int probe_sysctl(int argc, char **argv) {
    (void)argc, (void)argv;
    nftw("/proc/sys", count_writable, 16, FTW_PHYS);
    say("writable count %ld", writable);
    say("present %s", seen > 0 ? "yes" : "no");
    const char *core = "/proc/sys/kernel/core_pattern";
    say("core_pattern access %s", answer(access(core, W_OK)));
    int fd = open(core, O_WRONLY);
    say("core_pattern open %s", answer(fd));
    if (fd >= 0) close(fd);
    say("sys access %s", answer(access("/proc/sys", F_OK)));
    static const char *const limits[] = {"max_user_namespaces", "max_inotify_instances", "max_inotify_watches"};
    for (int i = 0; i < 3; i++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/sys/user/%s", limits[i]);
        say("%s access %s", limits[i], answer(access(path, F_OK)));
    }
    return 0;
}

/// processes [PID]: the pids in /proc, and what process PID, else 1, shows of itself.
int probe_processes(int argc, char **argv) {
    const char *other = argc > 1 ? argv[1] : "1";
    char path[64];
    DIR *proc = opendir("/proc");
    if (!proc) say("proc %s", answer(-1));
    for (struct dirent *entry; proc && (entry = readdir(proc));)
        if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9') say("pid %s", entry->d_name);
    say("self %d parent %d", getpid(), getppid());
    static const char *const files[] = {"environ", "cmdline", "maps", "mem", "status"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char bytes[4096];
        snprintf(path, sizeof path, "/proc/%s/%s", other, files[i]);
        int fd = open(path, O_RDONLY);
        ssize_t count = fd < 0 ? -1 : strcmp(files[i], "mem") == 0 ? 0 : read(fd, bytes, sizeof bytes - 1);
        for (ssize_t at = 0; at < count; at++)
            if (bytes[at] == 0 || bytes[at] == '\n') bytes[at] = ' ';
        say("other %s %s %.*s", files[i], answer(count), count > 0 ? (int)count : 0, count > 0 ? bytes : "");
        if (fd >= 0) close(fd);
    }
    static const char *const links[] = {"cwd", "exe", "root"};
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        char target[1024] = "";
        snprintf(path, sizeof path, "/proc/%s/%s", other, links[i]);
        ssize_t length = readlink(path, target, sizeof target - 1);
        say("other %s %s %s", links[i], answer(length), length > 0 ? target : "");
    }
    return 0;
}

static int report_privileged(const char *path, const struct stat *info, int type, struct FTW *where) {
    (void)where;
    if (strncmp(path, "/proc/", 6) == 0 || type != FTW_F) return 0;
    if (S_ISREG(info->st_mode) && (info->st_mode & 06000)) say("privileged %s", path);
    if (getxattr(path, "security.capability", NULL, 0) > 0) say("capability %s", path);
    return 0;
}

/// setuid [DIR]: every file with a setuid or setgid bit, or with file capabilities.
int probe_setuid(int argc, char **argv) {
    say("walk %s", answer(nftw(argc > 1 ? argv[1] : "/", report_privileged, 32, FTW_PHYS)));
    return 0;
}

/// ids: the identity of this process; run from a setuid file it shows whether the bit counted.
int probe_ids(int argc, char **argv) {
    (void)argc, (void)argv;
    uid_t real, effective, saved;
    getresuid(&real, &effective, &saved);
    say("uid %u %u %u", real, effective, saved);
    return 0;
}

/// link TARGET NAME ...: symbolic links in the working directory.
int probe_link(int argc, char **argv) {
    for (int i = 1; i + 1 < argc; i += 2) say("symlink %s %s", argv[i + 1], answer(symlink(argv[i], argv[i + 1])));
    return 0;
}

/// fifo NAME...: named pipes, and one real file beside them.
int probe_fifo(int argc, char **argv) {
    for (int i = 1; i < argc; i++) say("mkfifo %s %s", argv[i], answer(mkfifo(argv[i], 0666)));
    return 0;
}

/// write PATH TEXT: a file with this content.
int probe_write(int argc, char **argv) {
    if (argc < 3) return 64;
    int fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ssize_t count = fd < 0 ? -1 : write(fd, argv[2], strlen(argv[2]));
    say("write %s %s", argv[1], answer(count));
    return 0;
}

/// rewrite TARGET NAME...: every name becomes a link to TARGET, which is then written, chmodded and chowned through.
int probe_rewrite(int argc, char **argv) {
    for (int i = 2; i < argc; i++) {
        unlink(argv[i]);
        say("symlink %s %s", argv[i], answer(symlink(argv[1], argv[i])));
        int fd = open(argv[i], O_WRONLY);
        say("open %s %s", argv[i], answer(fd));
        if (fd >= 0) {
            say("write %s %s", argv[i], answer(write(fd, "overwritten", 11)));
            close(fd);
        }
        say("chmod %s %s", argv[i], answer(chmod(argv[i], 0777)));
        say("chown %s %s", argv[i], answer(chown(argv[i], 1000, 1000)));
    }
    return 0;
}
