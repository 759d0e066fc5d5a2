// pid 1 of a sandbox after set-up: it takes uploads, starts the job, reaps, and collects artifacts when the program has ended.
// It never reads what the program writes, and the program can neither see nor signal it.
#include "archive.h"
#include <poll.h>
#include <sys/signalfd.h>
#include <time.h>

static char packet[sizeof(struct nestbox_message) + NESTBOX_MAXIMUM_TEXT];

/// The running job's header and patterns, kept for the end.
static char job_text[NESTBOX_MAXIMUM_TEXT];
static struct nestbox_job job_header;
static const char *job_strings[NESTBOX_MAXIMUM_STRINGS + 3];

/// Creates one file under /box for the program's user. Nothing foreign has run yet. The descriptor, or -errno.
static int create_upload(const char *path, mode_t mode) {
    int box = open("/box", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (box < 0) return -errno;
    char parent[1032];
    size_t length = strlen(path);
    if (length >= sizeof parent) return -ENAMETOOLONG;
    for (size_t i = 1; i < length; i++) {
        if (path[i] != '/') continue;
        memcpy(parent, path, i);
        parent[i] = 0;
        if (mkdirat(box, parent, 0755) < 0 && errno != EEXIST) return -errno;
        if (fchownat(box, parent, NESTBOX_PROGRAM_ID, NESTBOX_PROGRAM_ID, AT_SYMLINK_NOFOLLOW) < 0) return -errno;
    }
    int file = nestbox_openat2(box, path, O_WRONLY | O_CREAT | O_EXCL, mode,
                               RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV);
    close(box);
    if (file >= 0 && fchown(file, NESTBOX_PROGRAM_ID, NESTBOX_PROGRAM_ID) < 0) {
        int error = errno;
        close(file);
        return -error;
    }
    return file;
}

/// Writes one file from a memfd.
static int write_upload(const char *path, mode_t mode, int contents) {
    int file = create_upload(path, mode), result = 0;
    if (file < 0) return file;
    static char buffer[65536];
    for (off_t offset = 0; result == 0;) {
        ssize_t count = pread(contents, buffer, sizeof buffer, offset);
        if (count < 0) result = -errno;
        if (count <= 0) break;
        offset += count;
        result = nestbox_write_all(file, buffer, (size_t)count);
    }
    close(file);
    return result;
}

/// Writes the files that came with the job.
static void write_inline(int control, uint32_t files, const char *cursor, const char *end) {
    for (uint32_t i = 0; i < files; i++) {
        struct nestbox_inline_file header;
        if ((size_t)(end - cursor) < sizeof header) nestbox_fail(control, NESTBOX_STAGE_upload, i, EPROTO, NULL);
        memcpy(&header, cursor, sizeof header);
        cursor += sizeof header;
        if (header.path == 0 || header.path > (size_t)(end - cursor) || cursor[header.path - 1] != 0 ||
            header.contents > (size_t)(end - cursor) - header.path)
            nestbox_fail(control, NESTBOX_STAGE_upload, i, EPROTO, NULL);
        int file = create_upload(cursor, (mode_t)header.mode), result = file;
        if (file >= 0) {
            result = nestbox_write_all(file, cursor + header.path, header.contents);
            close(file);
        }
        if (result < 0) nestbox_fail(control, NESTBOX_STAGE_upload, i, -result, cursor);
        cursor += header.path + header.contents;
    }
}

static void limit_cpu(const struct nestbox_sandbox *sandbox, int64_t seconds) {
    uint32_t step = 0;
    int result = nestbox_limit_cpu(sandbox->program, seconds, &step);
    if (result < 0) nestbox_fail(sandbox->fd.control, NESTBOX_STAGE_rlimit, step, -result, NULL);
}

/// Remembers the job and passes it to the parked program.
static void start(struct nestbox_sandbox *sandbox, const char *text, size_t length) {
    int control = sandbox->fd.control;
    if (length < sizeof job_header) nestbox_fail(control, NESTBOX_STAGE_job, 10, EPROTO, NULL);
    memcpy(&job_header, text, sizeof job_header);
    memcpy(job_text, text, length);
    uint32_t total = job_header.arguments + job_header.environment + job_header.patterns;
    const char *cursor = job_text + sizeof job_header;
    if (job_header.arguments > 512 || job_header.environment > 512 || job_header.patterns > 64 ||
        total > NESTBOX_MAXIMUM_STRINGS || nestbox_strings(&cursor, job_text + length, total, job_strings) < 0)
        nestbox_fail(control, NESTBOX_STAGE_job, 11, EPROTO, NULL);
    write_inline(control, job_header.files, cursor, job_text + length);
    // The program has no use for the patterns and the files, but reading them costs it nothing.
    if (write(sandbox->job, text, length) != (ssize_t)length)
        nestbox_fail(control, NESTBOX_STAGE_job, 12, errno, NULL);
}

/// The warden has gone without having ended us. Nothing more is computed here; each sandbox ends when its turn comes, since
/// the kernel must not have too many ends to clean up after at the same time.
static _Noreturn void end_orphaned(const struct nestbox_sandbox *sandbox) {
    kill(-1, SIGSTOP);
    int64_t until =
        nestbox_monotonic() + (int64_t)(sandbox->request->end_slot / NESTBOX_END_LOT) * NESTBOX_END_PAUSE * 1000000;
    for (int64_t left; (left = until - nestbox_monotonic()) > 0;) {
        struct timespec pause = {left / 1000000000, left % 1000000000};
        nanosleep(&pause, NULL);
    }
    _exit(125);
}

/// Something with files, while programs may run.
static void do_files(int control, const struct nestbox_message *message, const char *path, int archive) {
    struct nestbox_files_result result = {.error = EPROTO};
    const int64_t *value = message->value;
    int has_bounds = value[2] >= 0 && value[3] >= 0;
    if (value[0] == NESTBOX_FILES_PACK && archive >= 0 && has_bounds)
        result = nestbox_pack(path, value[1], (uint64_t)value[2], (uint64_t)value[3], archive);
    else if (value[0] == NESTBOX_FILES_UNPACK && archive >= 0) result = nestbox_unpack(value[1], archive);
    else if (value[0] == NESTBOX_FILES_REMOVE) result = nestbox_remove(path);
    else if (value[0] == NESTBOX_FILES_MOVE && strlen(path) < message->length)
        result = nestbox_move(path, path + strlen(path) + 1, value[1]);
    int file = -1;
    if (value[0] == NESTBOX_FILES_OPEN) {
        file = nestbox_open_file(path);
        result.error = file < 0 ? -file : 0;
    }
    int64_t answer[4] = {result.error, (int64_t)result.files, (int64_t)result.bytes, (int64_t)result.skipped};
    nestbox_control_send(control, NESTBOX_FILES_DONE, NULL, answer, NULL, 0, &file, file >= 0);
    if (file >= 0) close(file);
}

/// One packet of the warden. Ends the sandbox when the warden is gone.
static void take_order(struct nestbox_sandbox *sandbox) {
    int control = sandbox->fd.control, descriptors[3] = {-1, -1, -1}, contents;
    size_t count;
    int received = nestbox_receive(control, packet, sizeof packet - 1, descriptors, 3, &count, 0);
    contents = descriptors[0];
    if (received <= 0) end_orphaned(sandbox);
    struct nestbox_message message;
    memcpy(&message, packet, sizeof message);
    char *text = packet + sizeof message;
    if (received < (int)sizeof message || message.length != (uint32_t)received - sizeof message)
        nestbox_fail(control, NESTBOX_STAGE_request, 10, EPROTO, NULL);
    text[message.length] = 0;
    switch (message.type) {
    case NESTBOX_UPLOAD: {
        if (count != 1) nestbox_fail(control, NESTBOX_STAGE_upload, 0, EPROTO, text);
        int result = write_upload(text, (mode_t)message.value[0], contents);
        if (result < 0) nestbox_fail(control, NESTBOX_STAGE_upload, 0, -result, text);
        break;
    }
    case NESTBOX_BOOT:
        if (write(sandbox->job, text, message.length) != (ssize_t)message.length)
            nestbox_fail(control, NESTBOX_STAGE_boot, 0, errno, NULL);
        break;
    case NESTBOX_START:
        if (sandbox->request->flags & NESTBOX_FORK_PROCESSES) {
            nestbox_hold(sandbox);
            break;
        }
        limit_cpu(sandbox, message.value[0]);
        start(sandbox, text, message.length);
        break;
    case NESTBOX_SIGNAL:
        if (sandbox->is_held) nestbox_signal_child(sandbox, message.value[1], (int)message.value[0]);
        else kill(-sandbox->program, (int)message.value[0]);
        break;
    case NESTBOX_SPAWN: nestbox_spawn(sandbox, &message, text, descriptors, count); break;
    case NESTBOX_DIAL: nestbox_dial(sandbox, message.value[0], message.value[1]); break;
    case NESTBOX_PROBE: {
        // Before exec the only process is ours, and what it waits for is its job.
        int64_t value[4] = {sandbox->job < 0 && !sandbox->is_held && nestbox_waits_for_input(sandbox)};
        nestbox_control_send(control, NESTBOX_INPUT, NULL, value, NULL, 0, NULL, 0);
        break;
    }
    case NESTBOX_FILES: do_files(control, &message, text, count == 1 ? contents : -1); break;
    default: nestbox_fail(control, NESTBOX_STAGE_request, 11, EPROTO, NULL);
    }
    for (size_t i = 0; i < count; i++) close(descriptors[i]);
}

/// The end by which an observer answers the program's calls: the program process cannot send it, since the filter may refuse it that.
static int take_observer(const struct nestbox_sandbox *sandbox, uint32_t number) {
    int control = sandbox->fd.control, process = nestbox_pidfd_open(sandbox->program);
    if (process < 0) nestbox_fail(control, NESTBOX_STAGE_observer, 1, -process, NULL);
    long observer = syscall(SYS_pidfd_getfd, process, number, 0);
    if (observer < 0) nestbox_fail(control, NESTBOX_STAGE_observer, 2, errno, NULL);
    close(process);
    return (int)observer;
}

/// What the program process sends before it executes: parked, failed, or, by closing the socket, started.
static void receive_from_program(struct nestbox_sandbox *sandbox) {
    struct nestbox_failure word;
    int control = sandbox->fd.control;
    ssize_t received = read(sandbox->job, &word, sizeof word);
    if (received == sizeof word && word.stage == 0) {
        int descriptors[4] = {sandbox->disk}, observer = -1;
        size_t number = 1;
        if (sandbox->terminal >= 0) descriptors[number++] = sandbox->terminal;
        if (sandbox->listener >= 0) descriptors[number++] = sandbox->listener;
        if (sandbox->request->flags & NESTBOX_FORK_OBSERVED)
            descriptors[number++] = observer = take_observer(sandbox, word.index);
        if (nestbox_control_send(control, NESTBOX_READY, NULL, NULL, NULL, 0, descriptors, number) < 0) _exit(125);
        // The warden holds them now; ours would keep a hung-up terminal, a full disk or a listener that nobody serves alive.
        close(sandbox->disk);
        if (sandbox->terminal >= 0) close(sandbox->terminal);
        if (sandbox->listener >= 0) close(sandbox->listener);
        if (observer >= 0) close(observer);
        sandbox->disk = sandbox->terminal = sandbox->listener = -1;
        return;
    }
    if (received == sizeof word)
        nestbox_fail(control, word.stage, word.index, word.error,
                     word.stage == NESTBOX_STAGE_exec ? job_strings[0] : NULL);
    close(sandbox->job);
    sandbox->job = -1;
    // End of file: exec has closed it, or the process died; the wait status will tell. Nothing was executed before a job.
    if (job_header.arguments == 0) nestbox_fail(control, NESTBOX_STAGE_job, 13, ECHILD, NULL);
    if (nestbox_control_send(control, NESTBOX_STARTED, NULL, NULL, NULL, 0, NULL, 0) < 0) _exit(125);
}

/// The most memory a process of the sandbox had resident, in KiB, as the kernel counted it.
static long largest;

static void note_largest(const struct rusage *usage) {
    if (usage->ru_maxrss > largest) largest = usage->ru_maxrss;
}

/// How long what is left of a program may take to die before pid 1 reports how the program ended, and before it is
/// given up: a task that waits in the kernel does not act on SIGKILL. Nanoseconds.
static const int64_t GRACE_PERIOD = 100000000, KILL_TIMEOUT = 4000000000;

static int signals = -1;

/// Waits until a child has ended, or a time has come.
static void await_child(int64_t until) {
    int64_t left = (until - nestbox_monotonic()) / 1000000 + 1;
    struct pollfd watched = {signals, POLLIN, 0};
    if (left > 0) poll(&watched, 1, (int)left);
    struct signalfd_siginfo ignored;
    while (read(signals, &ignored, sizeof ignored) > 0) {}
}

/// Ends every process but us and waits until they are gone: every orphan in here is our child. Whether they are by `until`.
static int end_all(int64_t until) {
    int has_killed = 0;
    for (;;) {
        struct rusage usage;
        pid_t pid = wait4(-1, NULL, WNOHANG, &usage);
        if (pid > 0) note_largest(&usage);
        if (pid > 0 || (pid < 0 && errno == EINTR)) continue;
        if (pid < 0) return 1; // ECHILD
        // kill(-1) holds the task list: no fork outruns it.
        if (!has_killed) kill(-1, SIGKILL);
        else if (nestbox_monotonic() >= until) return 0;
        has_killed = 1;
        await_child(until);
    }
}

/// Reaps what has ended. When the program itself has, the run is over.
static void reap(struct nestbox_sandbox *sandbox) {
    int status;
    pid_t pid;
    struct rusage usage;
    while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0) {
        // Of the process and of all it has waited for.
        note_largest(&usage);
        if (sandbox->is_held) nestbox_child_ended(sandbox, pid, status, &usage);
        if (sandbox->is_held || pid != sandbox->program) continue;
        int64_t now = nestbox_monotonic();
        int are_gone = end_all(now + GRACE_PERIOD);
        // A program that died in place of exec has said why on the job socket.
        if (sandbox->job >= 0) receive_from_program(sandbox);
        // First the end, then the files: what collecting costs is not the program's.
        uint64_t size = sandbox->request->file_size;
        int64_t value[4] = {status, (int64_t)largest * 1024,
                            status != 0 && size != (uint64_t)RLIM_INFINITY && nestbox_has_file_of_size(size), !are_gone};
        int control = sandbox->fd.control, is_late = !are_gone;
        nestbox_control_send(control, NESTBOX_EXITED, NULL, value, NULL, 0, NULL, 0);
        if (is_late) are_gone = end_all(now + KILL_TIMEOUT);
        if (job_header.patterns == 0 && !is_late) _exit(0);
        if (job_header.patterns > 0) {
            static const char left[] = "*\0some process of the program could not be ended";
            if (are_gone)
                nestbox_collect(control, &job_header, job_strings + job_header.arguments + job_header.environment);
            else nestbox_control_send(control, NESTBOX_SKIPPED, NULL, NULL, left, sizeof left - 1, NULL, 0);
        }
        int64_t leftover[4] = {!are_gone};
        nestbox_control_send(control, NESTBOX_COLLECTED, NULL, leftover, NULL, 0, NULL, 0);
        _exit(0);
    }
}

_Noreturn void nestbox_init_main(struct nestbox_sandbox *sandbox) {
    int control = sandbox->fd.control;
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &children, NULL) < 0) nestbox_fail(control, NESTBOX_STAGE_job, 20, errno, NULL);
    signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0) nestbox_fail(control, NESTBOX_STAGE_job, 21, errno, NULL);
    for (;;) {
        struct pollfd watched[3 + NESTBOX_MAXIMUM_PROCESSES] = {
            {control, POLLIN, 0}, {signals, POLLIN, 0}, {sandbox->job, POLLIN, 0}};
        for (int i = 0; i < NESTBOX_MAXIMUM_PROCESSES; i++)
            watched[3 + i] = (struct pollfd){sandbox->children[i].pid ? sandbox->children[i].job : -1, POLLIN, 0};
        if (poll(watched, sandbox->is_held ? 3 + NESTBOX_MAXIMUM_PROCESSES : 3, -1) < 0 && errno != EINTR) nestbox_fail(control, NESTBOX_STAGE_job, 22, errno, NULL);
        if (watched[2].revents) receive_from_program(sandbox);
        for (int i = 0; i < NESTBOX_MAXIMUM_PROCESSES; i++)
            if (watched[3 + i].revents) nestbox_child_spoke(sandbox, &sandbox->children[i]);
        if (watched[1].revents) {
            struct signalfd_siginfo ignored;
            while (read(signals, &ignored, sizeof ignored) > 0) {}
            reap(sandbox);
        }
        if (watched[0].revents) take_order(sandbox);
    }
}
