// Artifacts: found and opened from inside the dead sandbox, by pid 1, never by the host. Only regular files are handed
// out, as open descriptors; no link of any kind is followed.
#include "internal.h"
#include <dirent.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <time.h>

enum {
    RESOLVE = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
    MAXIMUM_VISITS = 100000, ///< directory entries looked at, whatever they are
    MAXIMUM_PATH = 1024,
    MAXIMUM_DEPTH = 16,
    MAXIMUM_SKIPS = 64 ///< skipped files reported one by one
};

/// How long it may take, in nanoseconds of CPU time (charged to no run) and by the clock (the warden waits twice as
/// long), and how many steps of matching names with patterns.
static const int64_t MAXIMUM_CPU = 1000000000, MAXIMUM_TIME = 5000000000;
static const uint64_t MAXIMUM_STEPS = 300000000, STEPS_BETWEEN_LOOKS = 1000000;

struct walk {
    int control;
    const struct nestbox_job *job;
    const char *const *patterns;
    uint64_t count, bytes;
    uint32_t visits, skips;
    int too_long; ///< whether some path was too long to name
    int is_over;  ///< whether it has cost too much
    uint64_t steps, look_at;
    int64_t cpu_until, until;
    char path[MAXIMUM_PATH + 1];
};

static void skip(struct walk *walk, const char *reason) {
    if (walk->skips++ >= MAXIMUM_SKIPS) return;
    char text[MAXIMUM_PATH + 128];
    size_t path = strlen(walk->path) + 1, words = strlen(reason);
    memcpy(text, walk->path, path);
    memcpy(text + path, reason, words);
    nestbox_control_send(walk->control, NESTBOX_SKIPPED, NULL, NULL, text, path + words, NULL, 0);
}

static int64_t cpu_time(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/// Looks at the clocks; now and then at the one that costs a system call.
static int is_over(struct walk *walk) {
    if (walk->is_over) return 1;
    walk->is_over = walk->steps > MAXIMUM_STEPS || nestbox_monotonic() > walk->until;
    if (walk->visits % 32 == 0 || walk->steps >= walk->look_at) {
        walk->look_at = walk->steps + STEPS_BETWEEN_LOOKS;
        walk->is_over |= cpu_time() > walk->cpu_until;
    }
    return walk->is_over;
}

static int wanted(struct walk *walk) {
    for (uint32_t i = 0; i < walk->job->patterns && !is_over(walk); i++)
        if (nestbox_glob_counted(walk->patterns[i], walk->path, &walk->steps)) return 1;
    return 0;
}

static const char *kind(mode_t mode) {
    if (S_ISLNK(mode)) return "is a symbolic link";
    if (S_ISFIFO(mode)) return "is a FIFO";
    if (S_ISSOCK(mode)) return "is a socket";
    if (S_ISDIR(mode)) return "is a directory";
    return "is not a regular file";
}

static void hand_out(struct walk *walk, int box) {
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    int file = nestbox_openat2(box, walk->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW, 0, RESOLVE);
    struct stat status;
    if (file < 0) {
        skip(walk, "cannot be opened");
        return;
    }
    if (fstat(file, &status) < 0 || !S_ISREG(status.st_mode)) skip(walk, "is not a regular file");
    else if (walk->count >= walk->job->maximum_count) skip(walk, "is past the number of artifacts allowed");
    else if ((uint64_t)status.st_size > walk->job->maximum_bytes - walk->bytes)
        skip(walk, "is past the size of artifacts allowed");
    else {
        int64_t value[4] = {status.st_size};
        walk->count++;
        walk->bytes += (uint64_t)status.st_size;
        if (nestbox_control_send(walk->control, NESTBOX_ARTIFACT, NULL, value, walk->path, strlen(walk->path), &file,
                                 1) < 0)
            _exit(125);
    }
    close(file);
}

static void visit(struct walk *walk, int box, int directory, uint32_t depth) {
    DIR *stream = fdopendir(directory);
    if (!stream) {
        close(directory);
        return;
    }
    size_t base = strlen(walk->path);
    struct dirent *entry;
    while (!is_over(walk) && (entry = readdir(stream))) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
        if (++walk->visits > MAXIMUM_VISITS) break;
        size_t length = strlen(name), separator = base > 0;
        if (base + separator + length > MAXIMUM_PATH) {
            walk->too_long = 1;
            continue;
        }
        if (separator) walk->path[base] = '/';
        memcpy(walk->path + base + separator, name, length + 1);
        struct stat status;
        if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
            int match = wanted(walk);
            if (S_ISDIR(status.st_mode)) {
                if (depth < walk->job->maximum_depth && depth < MAXIMUM_DEPTH) {
                    int child = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                    if (child >= 0) visit(walk, box, child, depth + 1);
                } else if (match) {
                    skip(walk, "is deeper than allowed");
                }
            } else if (match) {
                if (S_ISREG(status.st_mode)) hand_out(walk, box);
                else skip(walk, kind(status.st_mode));
            }
        }
        walk->path[base] = 0;
    }
    closedir(stream);
}

void nestbox_collect(int control, const struct nestbox_job *job, const char *const *patterns) {
    static struct walk walk;
    walk = (struct walk){.control = control, .job = job, .patterns = patterns};
    walk.cpu_until = cpu_time() + MAXIMUM_CPU;
    walk.until = nestbox_monotonic() + MAXIMUM_TIME;
    int box = open("/box", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int root = box < 0 ? -1 : openat(box, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root >= 0) visit(&walk, box, root, 1);
    // Of no file in particular, and sent however many were skipped before.
    memcpy(walk.path, "*", 2);
    walk.skips = 0;
    if (walk.too_long) skip(&walk, "and more: some paths are longer than 1024 bytes");
    if (walk.is_over) skip(&walk, "and more: looking for files took too long, fewer files or simpler patterns would help");
    if (walk.visits > MAXIMUM_VISITS) skip(&walk, "and more: too many files to look at");
    if (box >= 0) close(box);
}
