// A program per verdict: `end SHAPE ACTION` does ACTION in one process, in the leaves of a tree, in threads, or in a
// double-forked daemon.
#include "end.h"
#include <poll.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

/// Keeps the compiler from seeing that the loops below have no end.
static volatile int done;

long end_after = 1L << 40;

static int finish(void) { return 0; }
static int fail(void) { return 3; }

static int crash(void) {
    volatile int *nowhere = NULL;
    *nowhere = 1;
    return 0;
}

static int aborts(void) { abort(); }

static int spin(void) {
    while (!done) {}
    return 0;
}

/// Burns processor time in children that each live about a millisecond.
static int relay(void) {
    for (;;) {
        pid_t child = fork();
        if (child == 0) {
            for (volatile int count = 0; count < 500000; count++) {}
            _exit(0);
        }
        if (child > 0) waitpid(child, NULL, 0);
    }
}

/// Spins with every signal ignored that can be.
static int stubborn(void) {
    for (int number = 1; number < 65; number++) signal(number, SIG_IGN);
    return spin();
}

static int sleeps(void) {
    while (!done) sleep(3600);
    return 0;
}
static int polls(void) {
    while (!done) poll(NULL, 0, -1);
    return 0;
}
static int pauses(void) {
    while (!done) pause();
    return 0;
}

static int opens_fifo(void) {
    if (mkfifo("nobody-writes", 0600) != 0 && errno != EEXIST) return 2;
    return open("nobody-writes", O_RDONLY);
}

static int stops(void) {
    while (!done) raise(SIGSTOP);
    return 0;
}

static int vforks(void) {
    if (vfork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) pause();
    }
    return 0;
}

static int touch_memory(void) {
    for (long count = 0; count < end_after; count++) {
        char *block = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (block == MAP_FAILED) return 4;
        memset(block, 1, 1 << 20);
    }
    return 0;
}

static int fill_memfd(void) {
    static char block[1 << 20];
    int fd = memfd_create("filled", 0);
    if (fd < 0) return 5;
    memset(block, 1, sizeof block);
    for (long count = 0; count < end_after; count++)
        if (write(fd, block, sizeof block) < 0) return 4;
    return 0;
}

/// A child is killed for memory; the parent does not mind and ends well (E20).
static int lose_child(void) {
    pid_t child = fork();
    if (child == 0) _exit(touch_memory());
    int status = -1;
    waitpid(child, &status, 0);
    say("child %s", status == 0 ? "ok" : "killed");
    return 0;
}

/// Some MiB, kept until somebody ends it.
static int hold_memory(void) { return touch_memory() ? 4 : sleeps(); }

static long dig(long left) {
    volatile char frame[4096];
    frame[0] = 1;
    return left <= 0 ? 0 : dig(left - (long)sizeof frame) + frame[0];
}

/// Goes down as many MiB of stack.
static int recurse(void) { return dig(end_after << 20) > 0 ? 0 : 9; }

static int flood(int fd) {
    static char block[65536];
    memset(block, 'x', sizeof block);
    for (long count = 0; count < 16 * end_after; count++)
        if (write(fd, block, sizeof block) < 0) return 6;
    return 0;
}
static int flood_output(void) { return flood(1); }
static int flood_errors(void) { return flood(2); }

static int fill_bytes(void) { return fill("bytes", 2000000) ? 7 : 8; }
static int fill_files(void) { return fill("files", 2000000) ? 7 : 8; }
static int fill_one_file(void) { return fill("one", 2000000) ? 7 : 8; }
static int fill_and_fail(void) {
    signal(SIGXFSZ, SIG_IGN);
    return fill_one_file();
}

static int foreign_abi(void) {
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
    return 0;
}

static int talk(void) {
    for (int i = 0; i < 40; i++) {
        say("tick %d", i);
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    return 0;
}

const struct action actions[] = {
    {"ok", finish, 1},          {"exit", fail, 1},         {"segv", crash, 1},          {"abort", aborts, 1},
    {"spin", spin, 0},          {"relay", relay, 0},       {"stubborn", stubborn, 0},   {"sleep", sleeps, 0},
    {"poll", polls, 0},         {"pause", pauses, 0},      {"fifo", opens_fifo, 0},     {"stop", stops, 0},
    {"vfork", vforks, 0},       {"memory", touch_memory, 0}, {"memfd", fill_memfd, 0},  {"lose-child", lose_child, 0},
    {"output", flood_output, 0}, {"errors", flood_errors, 0}, {"bytes", fill_bytes, 0}, {"files", fill_files, 0},
    {"file-size", fill_one_file, 0}, {"foreign-abi", foreign_abi, 0}, {"talk", talk, 0},
    {"hold", hold_memory, 0}, {"recurse", recurse, 0}, {"file-size-error", fill_and_fail, 0}, {NULL, NULL, 0},
};
