// Whether a network namespace may be lent to a sandbox: whether nothing of an earlier one is left in it.
#include "internal.h"
#include <stdio.h>

/// Reads a whole small file of the calling thread's network namespace. How many bytes, or -1: it cannot be read, or is larger.
static ssize_t read_network(const char *name, char *text, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/thread-self/net/%s", name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    size_t length = 0;
    ssize_t count;
    while ((count = read(file, text + length, size - length)) > 0) length += (size_t)count;
    close(file);
    return count < 0 || length == size ? -1 : (ssize_t)length;
}

int nestbox_network_is_empty(void) {
    static const char none[] = "sockets: used 0\n";
    char text[1024];
    // Every local socket that a process still has open has a line, those included that are on their way in a message, in
    // whatever circle; the first line is a heading.
    ssize_t length = read_network("unix", text, sizeof text);
    if (length <= 0 || memchr(text, '\n', (size_t)length) != text + length - 1) return 0;
    // The kernel's own count, of every family, has those too that are closed but not yet freed.
    length = read_network("sockstat", text, sizeof text);
    return length >= (ssize_t)sizeof none - 1 && memcmp(text, none, sizeof none - 1) == 0;
}
