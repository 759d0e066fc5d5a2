// Which pages a program touches that its fork shares with the zygote: each of them costs a fault and a copy, 280 of them in a
// Python that prints a line, half of its time. A first fork, the trainee, runs the empty script to its end, outside of any sandbox,
// and reports what it has made its own; later forks have these pages copied before they are parked.
#include "library.h"
#include "nestbox_sandbox.h"
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct range {
    uintptr_t start;
    uint64_t pages;
};

/// What the trainee works with: memory that it shares, and so does not take for its own.
struct report {
    int count;
    struct range found[1024];
    uint64_t entries[4096];
    char maps[65536];
};

enum { PAGE = 4096, POPULATE_WRITE = 23, MOST_PAGES = 384 };

static struct report *report;
static int is_trainee;
static struct range *ranges;
static int range_count;

/// Adds a page to what was found, as long as it is no more than a parked program may cost.
static void find_page(uintptr_t address, uint64_t *total) {
    int limit = (int)(sizeof report->found / sizeof *report->found);
    struct range *last = report->count ? &report->found[report->count - 1] : NULL;
    if (*total >= MOST_PAGES) return;
    if (last && last->start + last->pages * PAGE == address) last->pages++;
    else if (report->count < limit) report->found[report->count++] = (struct range){address, 1};
    else return;
    ++*total;
}

/// The pages of one private, writable mapping that only this process has (proc(5), pagemap: present, exclusive, of no file).
static void look_at_mapping(int pages, uintptr_t from, uintptr_t to, uint64_t *total) {
    enum { ROOM = sizeof report->entries / sizeof *report->entries };
    for (uintptr_t at = from; at < to; at += ROOM * PAGE) {
        size_t count = (to - at) / PAGE < ROOM ? (to - at) / PAGE : ROOM;
        ssize_t size = (ssize_t)(count * sizeof *report->entries);
        if (pread(pages, report->entries, (size_t)size, (off_t)(at / PAGE * sizeof *report->entries)) != size) return;
        for (size_t i = 0; i < count; i++) {
            uint64_t entry = report->entries[i];
            if (entry >> 63 & 1 && entry >> 56 & 1 && !(entry >> 61 & 1)) find_page(at + i * PAGE, total);
        }
    }
}

/// At the end of the trainee, when the interpreter has taken itself apart.
__attribute__((destructor)) static void tell(void) {
    if (!is_trainee || prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0) return;
    int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC), pages = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    for (ssize_t count; (count = read(maps, report->maps + length, sizeof report->maps - 1 - length)) > 0;)
        length += (size_t)count;
    uint64_t total = 0;
    for (char *line = report->maps, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = 0;
        char *rest;
        uintptr_t from = strtoull(line, &rest, 16), to = strtoull(rest + 1, &rest, 16);
        if (strncmp(rest, " rw-p", 5) == 0 || strncmp(rest, " rwxp", 5) == 0) look_at_mapping(pages, from, to, &total);
    }
    _exit(0);
}

int train(int (*fork_trainee)(void), void (*practise)(void)) {
    report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (report == MAP_FAILED) return 0;
    if (fork_trainee()) {
        is_trainee = 1;
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (null < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0) _exit(1);
        close(null);
        if (practise) practise();
        return 1;
    }
    int status = -1;
    // The only child there is; none when the fork failed.
    if (waitpid(-1, &status, 0) > 0 && status == 0 && report->count > 0)
        ranges = malloc((size_t)report->count * sizeof *ranges);
    if (ranges) {
        range_count = report->count;
        memcpy(ranges, report->found, (size_t)range_count * sizeof *ranges);
    }
    munmap(report, sizeof *report);
    return 0;
}

void prime(void) {
    // What drives a session touches other pages, while nobody waits for it. Those it does not touch stay shared for as long as it lives.
    if (fcntl(NESTBOX_CHANNEL_DESCRIPTOR, F_GETFD) >= 0) return;
    // One that is gone, or a kernel without this call (before 5.14), is no loss.
    for (int i = 0; i < range_count; i++)
        (void)madvise((void *)ranges[i].start, ranges[i].pages * PAGE, POPULATE_WRITE);
}
