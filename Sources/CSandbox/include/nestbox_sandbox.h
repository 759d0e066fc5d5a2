// How a sandbox is made: the words that the warden, the zygotes and pid 1 of a sandbox exchange.
//
//   warden --(zygote socket: nestbox_fork_request + descriptors)--> zygote
//   zygote --(nestbox_fork_reply + pidfd)--> warden
//   warden <--(control socket: nestbox_message packets)--> pid 1 of the sandbox
//
// All sockets are SOCK_SEQPACKET. The program under test never holds any of them.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Every step that can fail between the decision to make a sandbox and the first foreign instruction, in order.
#define NESTBOX_STAGES(X)                                                                                              \
    X(none)                                                                                                            \
    X(view_namespace)                                                                                                  \
    X(view_source)                                                                                                     \
    X(view_root)                                                                                                       \
    X(view_entry)                                                                                                      \
    X(view_device)                                                                                                     \
    X(view_seal)                                                                                                       \
    X(view_pivot)                                                                                                      \
    X(zygote_identity)                                                                                                 \
    X(zygote_descriptors)                                                                                              \
    X(zygote_exec)                                                                                                     \
    X(zygote_boot)                                                                                                     \
    X(request)                                                                                                         \
    X(clone)                                                                                                           \
    X(cgroup_attach)                                                                                                   \
    X(id_map)                                                                                                          \
    X(identity)                                                                                                        \
    X(mount_private)                                                                                                   \
    X(mount_root)                                                                                                      \
    X(mount_tmpfs)                                                                                                     \
    X(make_directory)                                                                                                  \
    X(mount_box)                                                                                                       \
    X(mount_proc)                                                                                                      \
    X(namespace_limits)                                                                                                \
    X(mount_devpts)                                                                                                    \
    X(terminal)                                                                                                        \
    X(pivot_root)                                                                                                      \
    X(detach_root)                                                                                                     \
    X(cgroup_namespace)                                                                                                \
    X(hostname)                                                                                                        \
    X(loopback)                                                                                                        \
    X(program_fork)                                                                                                    \
    X(egress)                                                                                                          \
    X(session)                                                                                                         \
    X(standard_streams)                                                                                                \
    X(rlimit)                                                                                                          \
    X(close_range)                                                                                                     \
    X(oom_score)                                                                                                       \
    X(bounding_set)                                                                                                    \
    X(groups)                                                                                                          \
    X(gid)                                                                                                             \
    X(uid)                                                                                                             \
    X(capabilities)                                                                                                    \
    X(no_new_privs)                                                                                                    \
    X(landlock)                                                                                                        \
    X(working_directory)                                                                                               \
    X(seccomp)                                                                                                         \
    X(observer)                                                                                                        \
    X(boot)                                                                                                            \
    X(upload)                                                                                                          \
    X(job)                                                                                                             \
    X(exec)                                                                                                            \
    X(init_died)

enum nestbox_stage {
#define X(name) NESTBOX_STAGE_##name,
    NESTBOX_STAGES(X)
#undef X
        NESTBOX_STAGE_COUNT
};

/// A stage's name for error messages; "unknown" outside the table. A static string.
const char *_Nonnull nestbox_stage_name(uint32_t stage);

/// Where and why a step failed. `index` tells apart the items of a stage that has several.
struct nestbox_failure {
    uint32_t stage;
    uint32_t index;
    int32_t error;
};

/// The uid and gid of the program inside a sandbox; pid 1 is 0. The host ids differ per sandbox (uid_map).
enum { NESTBOX_PROGRAM_ID = 1000 };

// MARK: - The root view of a zygote

/// A root file system in the making: what to show, and where. Not thread-safe.
struct nestbox_view;

struct nestbox_view *_Nullable nestbox_view_create(void);
void nestbox_view_free(struct nestbox_view *_Nullable view);

/// Adds an entry; paths inside the view are relative ("usr", "etc/passwd"). Each returns 0 or -errno
/// (-ENOMEM, -ENAMETOOLONG, -E2BIG past 256 entries).
/// A directory or file of the host, bound read-only, nosuid, nodev, without the mounts below it.
int nestbox_view_bind(struct nestbox_view *_Nonnull view, const char *_Nonnull source, const char *_Nonnull target);
int nestbox_view_symlink(struct nestbox_view *_Nonnull view, const char *_Nonnull value, const char *_Nonnull target);
int nestbox_view_directory(struct nestbox_view *_Nonnull view, const char *_Nonnull target);
int nestbox_view_file(struct nestbox_view *_Nonnull view, const char *_Nonnull contents, const char *_Nonnull target);

/// An interpreter that is to become a zygote: a command of the image, which stops at the first look at its script.
struct nestbox_interpreter {
    /// NULL-terminated; the first is looked for in the PATH of `environment`.
    const char *_Nullable const *_Nonnull arguments;
    const char *_Nullable const *_Nonnull environment;
    /// The name of the script; an empty one stands in /box while it boots.
    const char *_Nonnull script;
    /// The zygote library (a memfd), to be found as /proc/self/fd/5; where its stdout and stderr go.
    int library, output;
    /// v1 `tasks` files, open, of the group that it boots in.
    const int *_Nonnull tasks;
    uint32_t task_files;
};

/// Starts a zygote: forks, builds the view in a mount namespace of its own, gives up every privilege, executes
/// `executable` (an open descriptor of nestbox-init), or the interpreter if there is one, with `socket` as descriptor 3.
/// It starts in the v2 cgroup whose directory `cgroup` is, unless that is -1. The zygote dies with the calling thread.
/// Call from a single-threaded process running as root.
/// Returns the pid, or -errno with `failure` filled; for stage view_source and view_entry `index` is the entry's.
int nestbox_zygote_spawn(const struct nestbox_view *_Nonnull view, int executable, int socket, int cgroup, uint32_t id,
                         const struct nestbox_interpreter *_Nullable interpreter,
                         struct nestbox_failure *_Nonnull failure);

/// The life of the plain zygote: fork sandboxes on request until the socket closes. Never returns.
_Noreturn void nestbox_zygote_main(int socket);

// MARK: - Zygote socket

enum {
    NESTBOX_FORK_TERMINAL = 1,  ///< a private pty instead of three pipes
    NESTBOX_FORK_LOOPBACK = 2,  ///< sockets of the loopback network may be used
    NESTBOX_FORK_UNIFIED = 4,   ///< a cgroup v2 directory descriptor is among the descriptors
    NESTBOX_FORK_BOOT = 8,      ///< the zygote library is among the descriptors; BOOT follows MAPPED
    /// The sandbox may have the zygote's own network namespace, in which it has no rights, if the zygote finds nothing of
    /// an earlier sandbox in it. Never with LOOPBACK, nor from an interpreter.
    NESTBOX_FORK_LEND = 16,
    NESTBOX_FORK_CHANNEL = 32, ///< two pipes more, for a program that is driven from outside
    NESTBOX_FORK_EGRESS = 64,  ///< a listener on the loopback network, handed out with READY; only with LOOPBACK
    /// The filter notifies (SECCOMP_RET_USER_NOTIF); who answers it is handed out with READY. Neither with BOOT nor from an
    /// interpreter.
    NESTBOX_FORK_OBSERVED = 128,
    /// The program only parks. Once started, the sandbox is held: pid 1 starts processes in it one by one, and it lives until it is
    /// killed. Only from the plain zygote; not with TERMINAL, BOOT, CHANNEL, LEND or OBSERVED.
    NESTBOX_FORK_PROCESSES = 256,
};

/// Processes of a held sandbox at the same time. Each has a filter of its own, and the kernel must not have too many of those to free
/// at once: for the end of sandboxes, a held one counts as so many (NESTBOX_END_LOT).
enum { NESTBOX_MAXIMUM_PROCESSES = 16 };

/// Where that listener is, on 127.0.0.1. The warden's side calls it NetworkAccess.egressPort.
enum { NESTBOX_EGRESS_PORT = 3128, NESTBOX_EGRESS_BACKLOG = 64 };

/// Where the program finds the channel: it reads commands from this descriptor and writes records to the next one. Neither is
/// closed by its first exec.
enum { NESTBOX_CHANNEL_DESCRIPTOR = 100 };

enum { NESTBOX_MAXIMUM_TASKS = 6, NESTBOX_MAXIMUM_FILTER = 4096 };

/// Make a sandbox. Descriptors, in this order: control socket; stdin, stdout, stderr unless TERMINAL; the end to read from and
/// the end to write to if CHANNEL; the seccomp program (a memfd of struct sock_filter); the zygote library if BOOT; the v2 cgroup directory if UNIFIED; `task_files`
/// open v1 `tasks` files.
struct nestbox_fork_request {
    uint32_t flags;
    uint32_t task_files;
    uint32_t filter_length;
    uint16_t rows, columns;
    uint32_t end_slot; ///< see NESTBOX_END_LOT
    uint32_t reserved;
    uint64_t disk;       ///< bytes of the sandbox's tmpfs
    uint64_t inodes;     ///< inodes of the sandbox's tmpfs
    uint64_t file_size;  ///< RLIMIT_FSIZE; RLIM_INFINITY where the tmpfs is the limit
    uint64_t stack;      ///< RLIMIT_STACK
    uint64_t open_files; ///< RLIMIT_NOFILE
};

/// Answer to a fork request, in order of the requests. Carries a pidfd when `failure.error` is 0. An interpreter says
/// once that it has booted, before all answers, with a `pid` of 0 and no failure.
struct nestbox_fork_reply {
    int32_t pid;
    struct nestbox_failure failure;
    uint32_t is_lent; ///< 1 when the sandbox has the zygote's network namespace, 0 when it has one of its own
};

/// Whether no socket is left in the calling thread's network namespace, as far as its /proc can tell: 1, or 0.
int nestbox_network_is_empty(void);

// MARK: - Control socket

enum nestbox_message_type {
    // warden to pid 1
    NESTBOX_MAPPED = 1, ///< id maps are written; go on
    NESTBOX_UPLOAD,     ///< value[0]: mode; text: path under /box; carries the contents
    NESTBOX_START,      ///< text: a job, see nestbox_job; value[0]: soft RLIMIT_CPU of the program in seconds
    /// value[0]: signal for the program's process group, or, in a held sandbox, for that of the process with the number value[1]
    NESTBOX_SIGNAL,
    NESTBOX_PROBE,      ///< does the program wait for input? answered by INPUT
    NESTBOX_BOOT,       ///< text: a job, to be executed immediately; READY comes when it looks at its script
    /// Something with the files of /box, see nestbox_files_operation; text: a path under /box, or nothing; carries an archive
    /// to write or to read, if the operation has one. Answered by FILES_DONE, in order.
    NESTBOX_FILES,
    /// In a held sandbox: start a process. value[0]: its number; value[1]: soft RLIMIT_CPU in seconds; value[2]: NESTBOX_SPAWN_TERMINAL
    /// or 0; value[3]: rows and columns of that (rows << 16 | columns). Text: the working directory and its NUL, a job without files and
    /// patterns. Carries stdin, stdout and stderr unless it has a terminal. Answered by SPAWNED, later EXITED_PROCESS; or by SPAWN_FAILED.
    NESTBOX_SPAWN,
    /// In a held sandbox with a network: connect to a port of it. value[0]: a number; value[1]: the port. Answered by DIALED.
    NESTBOX_DIAL,
    // pid 1 to warden
    NESTBOX_READY,    ///< parked; carries the tmpfs directory, with TERMINAL the pty master, with EGRESS the listener, with OBSERVED the observer's end
    NESTBOX_FAILED,   ///< failure is filled, text may name the object; pid 1 ends
    /// The program is executing; or the sandbox is held, and what listens in its network is told by one or two files (/proc/net/tcp),
    /// which it carries.
    NESTBOX_STARTED,
    NESTBOX_ARTIFACT, ///< value[0]: size; text: path under /box; carries the open file
    NESTBOX_SKIPPED,  ///< text: path, NUL, reason
    /// value[0]: wait status; value[1]: the most memory one process had resident, in bytes; value[2]: 1 when some file is
    /// as large as file_size, looked at only when the program did not end well. Every process but pid 1 is gone, or, with a
    /// value[3] of 1, about to be, and COLLECTED says when; artifacts follow, if wanted.
    NESTBOX_EXITED,
    NESTBOX_INPUT,     ///< value[0]: 1 when the program waits for input, 0 when it does not
    NESTBOX_COLLECTED, ///< no more artifacts follow; value[0]: 1 when some process cannot be ended; pid 1 ends
    NESTBOX_FILES_DONE, ///< value: an errno or 0; files; bytes; files that were left out; carries the file of OPEN
    NESTBOX_SPAWNED,    ///< value[0]: number; the process is executing; carries the master of its terminal, if it has one
    NESTBOX_SPAWN_FAILED, ///< value[0]: number; failure is filled, text may name the object
    /// value[0]: number; value[1]: wait status; value[2]: processor time in nanoseconds, value[3]: the most memory that was resident, in
    /// bytes: of the process, or of one that it has waited for
    NESTBOX_EXITED_PROCESS,
    /// value[0]: number; value[1]: an errno. Carries a socket if that is 0, or EINPROGRESS: then it is still connecting.
    NESTBOX_DIALED,
};

enum { NESTBOX_SPAWN_TERMINAL = 1 };

/// What NESTBOX_FILES wants: value[0] is one of these, value[1] has flags, value[2] and value[3] bound what PACK writes, in bytes of
/// content and in files. Programs may run meanwhile; no link is followed, and all of it ends within seconds.
enum nestbox_files_operation {
    NESTBOX_FILES_PACK = 1, ///< write what is at the path to the archive: a file, or all that is in a directory
    NESTBOX_FILES_UNPACK,   ///< write what is in the archive to /box; a file that is there is replaced
    NESTBOX_FILES_REMOVE,   ///< remove what is at the path, with all that is in it
    NESTBOX_FILES_OPEN,     ///< open a regular file, which goes out with the answer, for reading
    NESTBOX_FILES_MOVE,     ///< rename: text is the old path, NUL, the new path; missing folders are made
};

enum {
    NESTBOX_FILES_LIST = 1,    ///< PACK: headers only
    NESTBOX_FILES_FREEZE = 2,  ///< PACK: every process is stopped before, for good
    NESTBOX_FILES_REPLACE = 4, ///< UNPACK: what is not in the archive is removed; MOVE: a file that is there is replaced
    NESTBOX_FILES_SHALLOW = 8, ///< PACK: nothing of what is in folders of the folder
};

/// A packet on the control socket: this header, then `length` bytes of text (no NUL terminator counted).
struct nestbox_message {
    uint32_t type;
    uint32_t length;
    struct nestbox_failure failure;
    uint32_t reserved;
    int64_t value[4];
};

/// The text of NESTBOX_START: this header, then NUL-terminated strings: arguments, environment, patterns. Then `files`
/// to be written under /box first: a struct nestbox_inline_file, the path and its NUL, the contents.
struct nestbox_job {
    uint32_t arguments, environment, patterns, files;
    uint32_t maximum_depth, reserved;
    uint64_t maximum_count, maximum_bytes;
};

/// `path` counts the NUL.
struct nestbox_inline_file {
    uint32_t mode, path, contents;
};

enum { NESTBOX_MAXIMUM_TEXT = 65536, NESTBOX_MAXIMUM_STRINGS = 1100 };

_Static_assert(sizeof(struct nestbox_fork_request) == 64, "laid out twice");
_Static_assert(sizeof(struct nestbox_fork_reply) == 20, "laid out twice");
_Static_assert(sizeof(struct nestbox_message) == 56, "laid out twice");
_Static_assert(sizeof(struct nestbox_job) == 40, "laid out twice");

/// Whether a path under /box matches a glob: `*` and `?` within a component, `[a-z]`, `[!a-z]`, and a component `**`
/// for any number of directories. A dot at the head of a component is matched by a dot only.
int nestbox_glob(const char *_Nonnull pattern, const char *_Nonnull path);

/// The same, and adds to `steps` what it has cost: about one for each character that was looked at.
int nestbox_glob_counted(const char *_Nonnull pattern, const char *_Nonnull path, uint64_t *_Nonnull steps);
