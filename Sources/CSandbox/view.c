// The root view of a zygote: built once per image by a root process in a mount namespace of its own, inherited by every
// sandbox of that image. When it is done, the host's tree is not mounted anywhere in that namespace.
//
//   /        tmpfs, read-only           what is left of the world
//   /proc    the host's proc            only so that sandboxes may mount a proc of their own (mount_too_revealing)
//   /image   tmpfs, read-only           the root of a sandbox: entries bound from the image, /dev, mount points
#include "internal.h"
#include <linux/mount.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysmacros.h>

enum { MAXIMUM_ENTRIES = 256 };

enum kind { BIND, SYMLINK, DIRECTORY, REGULAR };

struct entry {
    enum kind kind;
    char *target;
    char *value; ///< bind source, link value, file contents
};

struct nestbox_view {
    size_t count;
    struct entry entries[MAXIMUM_ENTRIES];
};

struct nestbox_view *nestbox_view_create(void) { return calloc(1, sizeof(struct nestbox_view)); }

void nestbox_view_free(struct nestbox_view *view) {
    if (!view) return;
    for (size_t i = 0; i < view->count; i++) {
        free(view->entries[i].target);
        free(view->entries[i].value);
    }
    free(view);
}

static int add(struct nestbox_view *view, enum kind kind, const char *value, const char *target) {
    if (view->count == MAXIMUM_ENTRIES) return -E2BIG;
    if (strlen(target) > 512) return -ENAMETOOLONG;
    struct entry *entry = &view->entries[view->count];
    entry->kind = kind;
    entry->target = strdup(target);
    entry->value = strdup(value);
    if (!entry->target || !entry->value) {
        free(entry->target);
        free(entry->value);
        return -ENOMEM;
    }
    view->count++;
    return 0;
}

int nestbox_view_bind(struct nestbox_view *view, const char *source, const char *target) {
    return add(view, BIND, source, target);
}
int nestbox_view_symlink(struct nestbox_view *view, const char *value, const char *target) {
    return add(view, SYMLINK, value, target);
}
int nestbox_view_directory(struct nestbox_view *view, const char *target) { return add(view, DIRECTORY, "", target); }
int nestbox_view_file(struct nestbox_view *view, const char *contents, const char *target) {
    return add(view, REGULAR, contents, target);
}

// MARK: - In the forked child: from here on only system calls

static struct nestbox_failure fail(uint32_t stage, uint32_t index) {
    return (struct nestbox_failure){stage, index, errno};
}

static const struct nestbox_failure done = {0, 0, 0};

static int set_attributes(int fd, uint64_t set) {
    struct mount_attr attributes = {.attr_set = set};
    return (int)syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &attributes, sizeof attributes);
}

/// Makes the directories above `target` (relative to `root`); those that exist are fine.
static int make_parents(int root, const char *target) {
    char path[520];
    size_t length = strlen(target);
    if (length >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    for (size_t i = 1; i < length; i++) {
        if (target[i] != '/') continue;
        memcpy(path, target, i);
        path[i] = 0;
        if (mkdirat(root, path, 0755) < 0 && errno != EEXIST) return -1;
    }
    return 0;
}

static int make_file(int root, const char *target, const char *contents) {
    int fd = openat(root, target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
    if (fd < 0) return -1;
    size_t length = strlen(contents);
    ssize_t written = write(fd, contents, length);
    close(fd);
    if (written == (ssize_t)length) return 0;
    if (written >= 0) errno = EIO;
    return -1;
}

static int attach(int root, int tree, const char *target) {
    struct stat status;
    if (fstat(tree, &status) < 0) return -1;
    if (S_ISDIR(status.st_mode) ? mkdirat(root, target, 0755) < 0 : make_file(root, target, "") < 0) return -1;
    if (set_attributes(tree, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV) < 0) return -1;
    return (int)syscall(SYS_move_mount, tree, "", root, target, MOVE_MOUNT_F_EMPTY_PATH);
}

/// Shows a directory of the sandboxes' root to the zygote too, in the same place.
static int show(const char *name) {
    char path[64];
    snprintf(path, sizeof path, "image/%s", name);
    int tree = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
    if (tree < 0 || (mkdir(name, 0755) < 0 && errno != EEXIST)) return -1;
    int result = (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, name, MOVE_MOUNT_F_EMPTY_PATH);
    close(tree);
    return result;
}

/// Makes a device node. In a user namespace, as a container may be, the kernel lets nobody make one: there the node of /dev is shown, if
/// it is the same device.
static int make_node(int dev, const char *name, dev_t number) {
    if (mknodat(dev, name, S_IFCHR | 0666, number) == 0) return 0;
    if (errno != EPERM) return -1;
    char path[32];
    snprintf(path, sizeof path, "/dev/%s", name);
    int tree = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
    if (tree < 0) return -1;
    struct stat status;
    int result = fstat(tree, &status);
    if (result == 0 && (!S_ISCHR(status.st_mode) || status.st_rdev != number)) {
        errno = ENODEV;
        result = -1;
    }
    if (result == 0) result = make_file(dev, name, "");
    if (result == 0) result = set_attributes(tree, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
    if (result == 0) result = (int)syscall(SYS_move_mount, tree, "", dev, name, MOVE_MOUNT_F_EMPTY_PATH);
    int number_of_failure = errno;
    close(tree);
    errno = number_of_failure;
    return result;
}

static struct nestbox_failure make_devices(void) {
    static const struct {
        const char *name;
        unsigned major, minor;
    } nodes[] = {{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};
    static const char *const links[][2] = {{"/proc/self/fd", "fd"},
                                           {"/proc/self/fd/0", "stdin"},
                                           {"/proc/self/fd/1", "stdout"},
                                           {"/proc/self/fd/2", "stderr"}};
    if (mount("dev", "image/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "size=4k,nr_inodes=32,mode=755") < 0)
        return fail(NESTBOX_STAGE_view_device, 100);
    int dev = open("image/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dev < 0) return fail(NESTBOX_STAGE_view_device, 101);
    for (uint32_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
        if (make_node(dev, nodes[i].name, makedev(nodes[i].major, nodes[i].minor)) < 0)
            return fail(NESTBOX_STAGE_view_device, i);
    for (uint32_t i = 0; i < 4; i++)
        if (symlinkat(links[i][0], dev, links[i][1]) < 0) return fail(NESTBOX_STAGE_view_device, 10 + i);
    if (mkdirat(dev, "shm", 0755) < 0 || mkdirat(dev, "pts", 0755) < 0) return fail(NESTBOX_STAGE_view_device, 20);
    close(dev);
    if (mount(NULL, "image/dev", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NOEXEC | MS_RDONLY, NULL) < 0)
        return fail(NESTBOX_STAGE_view_seal, 1);
    return done;
}

/// What an interpreter needs to boot outside of a sandbox: the image, where it will be in one.
static struct nestbox_failure show_image(const struct nestbox_view *view, const struct nestbox_interpreter *interpreter) {
    for (uint32_t i = 0; i < view->count; i++) {
        const struct entry *entry = &view->entries[i];
        int result = make_parents(AT_FDCWD, entry->target);
        if (result == 0) switch (entry->kind) {
            case BIND: {
                char path[520];
                snprintf(path, sizeof path, "image/%s", entry->target);
                int tree = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
                result = tree < 0 ? -1 : attach(AT_FDCWD, tree, entry->target);
                break;
            }
            case SYMLINK: result = symlink(entry->value, entry->target); break;
            case DIRECTORY: result = mkdir(entry->target, 0755); break;
            case REGULAR: result = make_file(AT_FDCWD, entry->target, entry->value); break;
            }
        if (result < 0) return fail(NESTBOX_STAGE_view_entry, i);
    }
    if (show("dev") < 0) return fail(NESTBOX_STAGE_view_device, 200);
    if (mkdir("box", 0755) < 0 || mkdir("tmp", 0755) < 0) return fail(NESTBOX_STAGE_view_root, 20);
    int box = open("box", O_PATH | O_DIRECTORY | O_CLOEXEC);
    // Not quite empty: Ruby looks whether it is long before it reads it.
    if (box < 0 || make_file(box, interpreter->script, "\n") < 0) return fail(NESTBOX_STAGE_view_root, 21);
    close(box);
    return done;
}

static struct nestbox_failure build_view(const struct nestbox_view *view,
                                         const struct nestbox_interpreter *interpreter) {
    static int trees[MAXIMUM_ENTRIES];
    // The zygote and its sandboxes have no business with the host's network, System V objects or host name either.
    if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) < 0)
        return fail(NESTBOX_STAGE_view_namespace, 0);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) return fail(NESTBOX_STAGE_view_namespace, 1);
    umask(0);
    // Take every source before /tmp is covered, since a source may lie below it. A symbolic link is not followed.
    for (uint32_t i = 0; i < view->count; i++) {
        trees[i] = -1;
        if (view->entries[i].kind != BIND) continue;
        trees[i] = (int)syscall(SYS_open_tree, AT_FDCWD, view->entries[i].value,
                                OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
        if (trees[i] < 0) return fail(NESTBOX_STAGE_view_source, i);
    }
    int proc = (int)syscall(SYS_open_tree, AT_FDCWD, "/proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (proc < 0) return fail(NESTBOX_STAGE_view_root, 0);
    if (mount("nestbox", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,nr_inodes=1024,mode=755") < 0)
        return fail(NESTBOX_STAGE_view_root, 1);
    if (chdir("/tmp") < 0) return fail(NESTBOX_STAGE_view_root, 2);
    if (mkdir("proc", 0755) < 0 || mkdir("image", 0755) < 0) return fail(NESTBOX_STAGE_view_root, 3);
    if (syscall(SYS_move_mount, proc, "", AT_FDCWD, "proc", MOVE_MOUNT_F_EMPTY_PATH) < 0)
        return fail(NESTBOX_STAGE_view_root, 4);
    if (mount("root", "image", "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,nr_inodes=1024,mode=755") < 0)
        return fail(NESTBOX_STAGE_view_root, 5);
    int root = open("image", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) return fail(NESTBOX_STAGE_view_root, 6);
    static const char *const points[] = {"proc", "dev", "box", "tmp"};
    for (uint32_t i = 0; i < 4; i++)
        if (mkdirat(root, points[i], 0755) < 0) return fail(NESTBOX_STAGE_view_root, 10 + i);

    for (uint32_t i = 0; i < view->count; i++) {
        const struct entry *entry = &view->entries[i];
        int result = make_parents(root, entry->target);
        if (result == 0) switch (entry->kind) {
            case BIND: result = attach(root, trees[i], entry->target); break;
            case SYMLINK: result = symlinkat(entry->value, root, entry->target); break;
            case DIRECTORY: result = mkdirat(root, entry->target, 0755); break;
            case REGULAR: result = make_file(root, entry->target, entry->value); break;
            }
        if (result < 0) return fail(NESTBOX_STAGE_view_entry, i);
    }
    struct nestbox_failure failure = make_devices();
    if (!failure.error && interpreter) failure = show_image(view, interpreter);
    if (failure.error) return failure;
    if (mount(NULL, "image", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | MS_RDONLY, NULL) < 0)
        return fail(NESTBOX_STAGE_view_seal, 2);
    if (syscall(SYS_pivot_root, ".", ".") < 0) return fail(NESTBOX_STAGE_view_pivot, 0);
    if (umount2(".", MNT_DETACH) < 0) return fail(NESTBOX_STAGE_view_pivot, 1);
    if (chdir("/") < 0) return fail(NESTBOX_STAGE_view_pivot, 2);
    if (mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | MS_RDONLY, NULL) < 0)
        return fail(NESTBOX_STAGE_view_seal, 3);
    return done;
}

static struct nestbox_failure drop_identity(uint32_t id, pid_t parent) {
    // What the zygote may have of these in all is what its sandboxes may have together: a user namespace is charged to
    // its maker too. As much as we are allowed to give; each sandbox gets its own share.
    static const int shared[] = {RLIMIT_NPROC, RLIMIT_SIGPENDING, RLIMIT_MEMLOCK};
    for (uint32_t i = 0; i < 3; i++) {
        struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
        if (setrlimit((__rlimit_resource_t)shared[i], &limit) == 0) continue;
        if (getrlimit((__rlimit_resource_t)shared[i], &limit) < 0) return fail(NESTBOX_STAGE_zygote_identity, 200 + i);
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit((__rlimit_resource_t)shared[i], &limit) < 0) return fail(NESTBOX_STAGE_zygote_identity, 210 + i);
    }
    for (int capability = 0; capability < 64; capability++)
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) {
            if (errno == EINVAL) break; // past the kernel's last capability
            return fail(NESTBOX_STAGE_zygote_identity, (uint32_t)capability);
        }
    if (syscall(SYS_setgroups, 0, NULL) < 0) return fail(NESTBOX_STAGE_zygote_identity, 100);
    if (syscall(SYS_setresgid, id, id, id) < 0) return fail(NESTBOX_STAGE_zygote_identity, 101);
    if (syscall(SYS_setresuid, id, id, id) < 0) return fail(NESTBOX_STAGE_zygote_identity, 102);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return fail(NESTBOX_STAGE_zygote_identity, 103);
    // 1 keeps the host's core-dump helper from being started, as set_limits in program.c says; 0 does not.
    struct rlimit no_dump = {1, 1};
    if (setrlimit(RLIMIT_CORE, &no_dump) < 0) return fail(NESTBOX_STAGE_zygote_identity, 104);
    // A change of uid clears the parent-death signal, so it comes last; the parent may have died before.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) return fail(NESTBOX_STAGE_zygote_identity, 105);
    if (getppid() != parent) {
        errno = ESRCH;
        return fail(NESTBOX_STAGE_zygote_identity, 106);
    }
    return done;
}

/// Makes 0, 1, 2 null, 3 the socket, 4 the executable, 5 the library; an interpreter's own streams are pipes, as those of
/// a program are, since it looks at them while it boots. Nothing else stays but the report pipe, as 6.
static struct nestbox_failure arrange_descriptors(int null, int executable, int socket, int report,
                                                  const struct nestbox_interpreter *interpreter) {
    int wanted[7] = {null, null, null, socket, executable, -1, report};
    if (interpreter) {
        int input[2];
        if (pipe2(input, O_CLOEXEC) < 0) return fail(NESTBOX_STAGE_zygote_descriptors, 4);
        wanted[0] = input[0];
        wanted[1] = wanted[2] = interpreter->output;
        wanted[5] = interpreter->library;
    }
    int high[7];
    for (int i = 0; i < 7; i++)
        if (wanted[i] >= 0 && (high[i] = fcntl(wanted[i], F_DUPFD_CLOEXEC, 16)) < 0)
            return fail(NESTBOX_STAGE_zygote_descriptors, 1);
    for (int i = 0; i < 7; i++) {
        if (wanted[i] < 0) close(i);
        else if (dup3(high[i], i, i == 4 || i == 6 ? O_CLOEXEC : 0) < 0) return fail(NESTBOX_STAGE_zygote_descriptors, 2);
    }
    if (syscall(SYS_close_range, 7, ~0U, 0) < 0) return fail(NESTBOX_STAGE_zygote_descriptors, 3);
    return done;
}

static struct nestbox_failure become_zygote(const struct nestbox_view *view, int executable, int socket, int report,
                                            uint32_t id, pid_t parent, const struct nestbox_interpreter *interpreter) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0) return fail(NESTBOX_STAGE_zygote_descriptors, 0);
    for (uint32_t i = 0; interpreter && i < interpreter->task_files; i++)
        if (write(interpreter->tasks[i], "0", 1) < 0) return fail(NESTBOX_STAGE_cgroup_attach, i);
    struct nestbox_failure failure = build_view(view, interpreter);
    if (failure.error) return failure;
    failure = drop_identity(id, parent);
    if (failure.error) return failure;
    failure = arrange_descriptors(null, executable, socket, report, interpreter);
    if (failure.error) return failure;
    // The report pipe has moved to 6.
    if (interpreter) {
        nestbox_reset_signals();
        if (chdir("/box") == 0)
            nestbox_execute((char *const *)interpreter->arguments, (char *const *)interpreter->environment);
        failure = fail(NESTBOX_STAGE_zygote_exec, 2);
    } else {
        char name[] = "nestbox-init";
        char *arguments[] = {name, NULL}, *environment[] = {NULL};
        syscall(SYS_execveat, 4, "", arguments, environment, AT_EMPTY_PATH);
        failure = fail(NESTBOX_STAGE_zygote_exec, 0);
    }
    if (write(6, &failure, sizeof failure) < 0) _exit(127);
    _exit(127);
}

int nestbox_zygote_spawn(const struct nestbox_view *view, int executable, int socket, int cgroup, uint32_t id,
                         const struct nestbox_interpreter *interpreter, struct nestbox_failure *failure) {
    int report[2];
    *failure = done;
    if (pipe2(report, O_CLOEXEC) < 0) {
        *failure = fail(NESTBOX_STAGE_zygote_descriptors, 10);
        return -failure->error;
    }
    pid_t parent = getpid();
    // As fork(2), but born in its cgroup where there is one to be born in: no pid has to be written later, which stalls.
    struct clone_args arguments = {
        .flags = cgroup >= 0 ? CLONE_INTO_CGROUP : 0, .exit_signal = SIGCHLD, .cgroup = cgroup >= 0 ? (uint64_t)cgroup : 0};
    pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid < 0) {
        *failure = fail(NESTBOX_STAGE_zygote_descriptors, 11);
        close(report[0]);
        close(report[1]);
        return -failure->error;
    }
    if (pid == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        struct nestbox_failure why = become_zygote(view, executable, socket, report[1], id, parent, interpreter);
        if (write(report[1], &why, sizeof why) < 0) _exit(126);
        _exit(126);
    }
    close(report[1]);
    ssize_t count;
    do count = read(report[0], failure, sizeof *failure);
    while (count < 0 && errno == EINTR);
    close(report[0]);
    if (count == 0) { // closed by exec
        *failure = done;
        return pid;
    }
    if (count != sizeof *failure) *failure = (struct nestbox_failure){NESTBOX_STAGE_zygote_exec, 1, EPIPE};
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
    return -failure->error;
}
