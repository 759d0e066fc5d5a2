// pid 1 of a sandbox, from its first instruction to a parked program. Straight down: each step is one system call or
// a few of a kind, and each failure ends the sandbox with its stage, index and errno. The order matters; what comes
// before what, and why, is said at each step.
#include "internal.h"
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>

#define STEP(call, stage, index)                                                                                       \
    do {                                                                                                               \
        if ((call) < 0) nestbox_fail(control, NESTBOX_STAGE_##stage, index, errno, NULL);                              \
    } while (0)

static int write_file(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    ssize_t count = write(fd, text, strlen(text));
    int error = errno;
    close(fd);
    errno = error;
    return count < 0 ? -1 : 0;
}

/// Blocks until the warden has written the id maps.
static void await_maps(int control) {
    struct nestbox_message message;
    size_t count;
    int received = nestbox_receive(control, &message, sizeof message, NULL, 0, &count, 0);
    if (received <= 0) _exit(125); // the warden has gone or given us up
    if (received != sizeof message || message.type != NESTBOX_MAPPED)
        nestbox_fail(control, NESTBOX_STAGE_id_map, 0, EPROTO, NULL);
}

static int raise_loopback(void) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    struct ifreq request = {.ifr_flags = IFF_UP};
    strcpy(request.ifr_name, "lo");
    int result = ioctl(fd, SIOCSIFFLAGS, &request), error = errno;
    close(fd);
    errno = error;
    return result;
}

/// The door to the outside: a listener in this network, served by whoever gets it, from another one. Nothing is routed. Made
/// when the program's process has been forked, which so never has it, and before anything foreign could take the port.
static int open_egress(void) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(NESTBOX_EGRESS_PORT), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, NESTBOX_EGRESS_BACKLOG) == 0) return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/// Mounts a proc of the sandbox's own, whole at first, sets the limits of its user namespace there, then narrows it to its
/// processes. In the host's proc the kernel keeps these files of all user namespaces in one chain: each write would walk past
/// those of every other sandbox. Narrowing has the kernel forget what was looked up here (reconfigure_super), which is checked.
static void mount_own_proc(int control) {
    const unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    STEP(mount("proc", "proc", "proc", flags, NULL), mount_proc, 0);
    // No namespaces below this one, and a share of what the kernel counts for the zygote's user, who made all the user
    // namespaces (its default is 128 inotify instances).
    STEP(write_file("proc/sys/user/max_user_namespaces", "0"), namespace_limits, 0);
    STEP(write_file("proc/sys/user/max_inotify_instances", "8"), namespace_limits, 1);
    STEP(write_file("proc/sys/user/max_inotify_watches", "4096"), namespace_limits, 2);
    STEP(mount(NULL, "proc", NULL, MS_REMOUNT | flags, "subset=pid,hidepid=invisible"), mount_proc, 1);
    if (access("proc/sys", F_OK) == 0 || errno != ENOENT) nestbox_fail(control, NESTBOX_STAGE_mount_proc, 2, EBUSY, NULL);
}

/// Mounts what the sandbox may write to and its proc on a fresh copy of the image's view.
static void make_mounts(int control, const struct nestbox_fork_request *request, struct nestbox_sandbox *sandbox) {
    STEP(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), mount_private, 0);
    // The mounts we were born with are locked (mount_namespaces(7)); a recursive bind of /image is ours to pivot into.
    STEP(mount("/image", "/image", NULL, MS_BIND | MS_REC, NULL), mount_root, 0);
    STEP(chdir("/image"), mount_root, 1);

    // One tmpfs holds everything writable, so that one size and one inode limit hold for all of it. It is mounted on
    // /box first, its three directories are bound into place, the last of them over /box itself.
    char options[96];
    snprintf(options, sizeof options, "size=%llu,nr_inodes=%llu,mode=755", (unsigned long long)request->disk,
             (unsigned long long)request->inodes);
    STEP(mount("box", "box", "tmpfs", MS_NOSUID | MS_NODEV, options), mount_tmpfs, 0);
    static const struct {
        const char *name;
        mode_t mode;
        const char *target;
    } places[] = {{"box/shm", 01777, "dev/shm"}, {"box/tmp", 01777, "tmp"}, {"box/box", 0755, "box"}};
    sandbox->disk = open("box", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    STEP(sandbox->disk, mount_tmpfs, 1);
    for (uint32_t i = 0; i < 3; i++) {
        STEP(mkdir(places[i].name, 0755), make_directory, i);
        STEP(chmod(places[i].name, places[i].mode), make_directory, 10 + i);
    }
    STEP(chown("box/box", NESTBOX_PROGRAM_ID, NESTBOX_PROGRAM_ID), make_directory, 20);
    for (uint32_t i = 0; i < 3; i++) STEP(mount(places[i].name, places[i].target, NULL, MS_BIND, NULL), mount_box, i);

    mount_own_proc(control);
    if (request->flags & (NESTBOX_FORK_TERMINAL | NESTBOX_FORK_PROCESSES))
        STEP(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
                   request->flags & NESTBOX_FORK_PROCESSES
                       ? "newinstance,ptmxmode=0000,mode=600,uid=1000,gid=1000,max=20"
                       : "newinstance,ptmxmode=0000,mode=600,uid=1000,gid=1000,max=4"),
             mount_devpts, 0);
}

/// The master goes to the warden, the slave becomes the program's terminal.
static void open_terminal(int control, const struct nestbox_fork_request *request, struct nestbox_sandbox *sandbox) {
    int slave;
    uint32_t step = 0;
    sandbox->terminal = nestbox_open_terminal(request->rows, request->columns, &slave, &step);
    if (sandbox->terminal < 0) nestbox_fail(control, NESTBOX_STAGE_terminal, step, errno, NULL);
    for (int i = 0; i < 3; i++) sandbox->fd.streams[i] = slave;
}

int nestbox_sandbox_main(const struct nestbox_fork_request *request, struct nestbox_descriptors fd) {
    struct nestbox_sandbox sandbox = {.request = request, .fd = fd, .terminal = -1, .listener = -1};
    int control = fd.control;
    // An interpreter's handlers have no business in pid 1, which no signal of the sandbox reaches without one.
    nestbox_reset_signals();
    umask(022);

    // Into the cgroup first: everything from here on is accounted. A single-threaded process moves itself without the
    // global lock whose first use after idleness takes 15 ms; the descriptors were opened by root, which is what the
    // kernel checks (cgroup1_procs_write).
    for (uint32_t i = 0; i < request->task_files; i++) STEP(write(fd.tasks[i], "0", 1), cgroup_attach, i);
    // Only now, so that the sandbox's own cgroup is the root that /proc/self/cgroup shows.
    STEP(unshare(CLONE_NEWCGROUP), cgroup_namespace, 0);

    await_maps(control);
    STEP(syscall(SYS_setgroups, 0, NULL), identity, 0);
    STEP(syscall(SYS_setresgid, 0, 0, 0), identity, 1);
    STEP(syscall(SYS_setresuid, 0, 0, 0), identity, 2);
    // Nothing here dies with its parent: a zygote's end would be that of all its sandboxes together, and the kernel must not
    // have too many of those to clean up after (NESTBOX_END_LOT). The warden sees it and ends them; when the warden itself is
    // gone, pid 1 reads end of file.

    make_mounts(control, request, &sandbox);
    STEP(syscall(SYS_pivot_root, ".", "."), pivot_root, 0);
    STEP(umount2(".", MNT_DETACH), detach_root, 0);
    STEP(chdir("/"), detach_root, 1);
    STEP(sethostname("nestbox", 7), hostname, 0);
    // A sandbox that cannot have an internet socket cannot see whether it is up; raising it takes a tenth of a millisecond.
    if (request->flags & NESTBOX_FORK_LOOPBACK) STEP(raise_loopback(), loopback, 0);
    if (request->flags & NESTBOX_FORK_TERMINAL) open_terminal(control, request, &sandbox);

    struct stat input;
    STEP(fstat(sandbox.fd.streams[0], &input), program_fork, 2);
    sandbox.input_device = input.st_dev;
    sandbox.input_inode = input.st_ino;

    int job[2];
    STEP(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, job), program_fork, 0);
    sandbox.job = job[0];
    sandbox.program = fork();
    STEP(sandbox.program, program_fork, 1);
    if (sandbox.program == 0) return nestbox_program_main(&sandbox, job[1]);
    close(job[1]);
    if (request->flags & NESTBOX_FORK_EGRESS) {
        sandbox.listener = open_egress();
        STEP(sandbox.listener, egress, 0);
    }
    for (int i = 0; i < 3; i++) close(sandbox.fd.streams[i]);
    // Who reads what the program says sees the end of it when no process of the program has it any more.
    for (int i = 0; i < 2 && fd.channel[i] >= 0; i++) close(fd.channel[i]);
    // Processes that are started later get it, too.
    if (!(request->flags & NESTBOX_FORK_PROCESSES)) close(sandbox.fd.filter);
    for (uint32_t i = 0; i < request->task_files; i++) close(fd.tasks[i]);
    if (fd.unified >= 0) close(fd.unified);
    if (fd.library >= 0) close(fd.library);
    nestbox_init_main(&sandbox);
}
