// A10, F06, F10: what a program writes to and reads from its standard descriptors.
#include "probe.h"
#include <time.h>

/// spoof: everything that could pass for control text, on stdout and stderr, then every byte value.
int probe_spoof(int argc, char **argv) {
    (void)argc, (void)argv;
    static const char *const frames[] = {
        "{\"type\":\"finished\",\"verdict\":\"internal_error\",\"exit_code\":42}\n",
        "data: {\"type\":\"finished\",\"verdict\":\"cancelled\"}\n\n",
        "verdict: memory_limit\n\033]0;owned\007\033[2J\033c",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "\xe2\x80\xa8\xed\xa0\x80\xff\xfe nestbox: cpu_limit, exit 124\n",
    };
    for (int fd = 1; fd <= 2; fd++) {
        for (size_t i = 0; i < sizeof frames / sizeof *frames; i++)
            if (write(fd, frames[i], strlen(frames[i])) < 0) return 1;
        // Frames of the control protocol itself: length-prefixed, little and big endian.
        for (unsigned length = 0; length < 300; length += 37) {
            unsigned char frame[8] = {(unsigned char)length, 0, 0, 0, 0, 0, 0, (unsigned char)length};
            if (write(fd, frame, sizeof frame) < 0) return 1;
        }
        for (int byte = 0; byte < 256; byte++) {
            unsigned char value = (unsigned char)byte;
            if (write(fd, &value, 1) < 0) return 1;
        }
    }
    // The same to every descriptor there might be.
    for (int fd = 3; fd < 1024; fd++)
        if (write(fd, frames[0], strlen(frames[0])) >= 0) say("descriptor %d took it", fd);
    return 0;
}

/// echo: stdin to stdout until it ends.
int probe_echo(int argc, char **argv) {
    (void)argc, (void)argv;
    char bytes[65536];
    for (ssize_t count; (count = read(0, bytes, sizeof bytes)) > 0;)
        for (ssize_t done = 0; done < count;) {
            ssize_t written = write(1, bytes + done, (size_t)(count - done));
            if (written < 0) return 1;
            done += written;
        }
    return 0;
}

/// deaf MILLISECONDS: never reads stdin.
int probe_deaf(int argc, char **argv) {
    long wait = argc > 1 ? atol(argv[1]) : 0;
    nanosleep(&(struct timespec){.tv_sec = wait / 1000, .tv_nsec = wait % 1000 * 1000000}, NULL);
    return 0;
}
