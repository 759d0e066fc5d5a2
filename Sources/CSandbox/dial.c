// A connection into the network of a held sandbox, made from inside it.
#include "internal.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>

/// A socket that is connected, or about to be (errno is EINPROGRESS); or -1 with errno set. Never waits.
static int connect_to(const struct sockaddr *address, socklen_t length) {
    int file = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (file < 0) return -1;
    int error = connect(file, address, length) < 0 ? errno : 0;
    // What a listener of this machine answers is there as soon as the call has returned.
    struct pollfd done = {file, POLLOUT, 0};
    socklen_t size = sizeof error;
    if (error == EINPROGRESS && poll(&done, 1, 0) == 1 && getsockopt(file, SOL_SOCKET, SO_ERROR, &error, &size) < 0) error = errno;
    errno = error;
    if (error == 0 || error == EINPROGRESS) return file;
    close(file);
    errno = error;
    return -1;
}

void nestbox_dial(const struct nestbox_sandbox *sandbox, int64_t number, int64_t port) {
    int file = -1, error = ENETUNREACH;
    if (sandbox->is_held && (sandbox->request->flags & NESTBOX_FORK_LOOPBACK) && port > 0 && port < 65536) {
        struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
        struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
        file = connect_to((struct sockaddr *)&four, sizeof four);
        // A server may listen on one of the two only. What the first one said counts when there is no second.
        error = errno;
        if (file < 0 && (file = connect_to((struct sockaddr *)&six, sizeof six)) >= 0) error = errno;
    }
    int64_t value[4] = {number, error};
    nestbox_control_send(sandbox->fd.control, NESTBOX_DIALED, NULL, value, NULL, 0, &file, file >= 0);
    if (file >= 0) close(file);
}
