// C09, C19, C18: sockets by family, terminals, keys.
#include "probe.h"
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <linux/keyctl.h>

static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_RDM, SOCK_SEQPACKET, 10};

/// sockets: every family from 0 to 63 with six types, one line per family and call.
int probe_sockets(int argc, char **argv) {
    (void)argc, (void)argv;
    for (int family = 0; family < 64; family++) {
        char single[256] = "", pair[256] = "";
        for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
            long fd = syscall(SYS_socket, family, types[i], 0);
            size_t used = strlen(single);
            snprintf(single + used, sizeof single - used, " %s", answer(fd));
            if (fd >= 0) close((int)fd);
            int ends[2] = {-1, -1};
            long result = syscall(SYS_socketpair, family, types[i], 0, ends);
            used = strlen(pair);
            snprintf(pair + used, sizeof pair - used, " %s", answer(result));
            if (result == 0) close(ends[0]), close(ends[1]);
        }
        say("socket %d%s", family, single);
        say("socketpair %d%s", family, pair);
    }
    // A filter that compares 64 bits where the kernel looks at 32 is fooled by dirty upper halves.
    say("socket dirty %s", answer(syscall(SYS_socket, (1L << 32) | AF_NETLINK, SOCK_RAW, 0)));
    say("socket icmp %s", answer(syscall(SYS_socket, AF_INET, SOCK_RAW, 1)));
    say("socket packet %s", answer(syscall(SYS_socket, AF_PACKET, SOCK_RAW, 0)));
    return 0;
}

static void try_terminal(const char *name, int fd) {
    char byte = 'x', subcode[8];
    int discipline = 15;
    say("%s TIOCSTI %s", name, answer(syscall(SYS_ioctl, fd, TIOCSTI, &byte)));
    say("%s TIOCSTI+2^32 %s", name, answer(syscall(SYS_ioctl, fd, (1L << 32) | TIOCSTI, &byte)));
    for (char code = 2; code <= 3; code++) {
        memset(subcode, 0, sizeof subcode);
        subcode[0] = code;
        say("%s TIOCLINUX%d %s", name, code, answer(syscall(SYS_ioctl, fd, TIOCLINUX, subcode)));
    }
    say("%s TIOCCONS %s", name, answer(syscall(SYS_ioctl, fd, TIOCCONS, 0)));
    say("%s TIOCSETD %s", name, answer(syscall(SYS_ioctl, fd, TIOCSETD, &discipline)));
}

/// tty: what the program can do to a terminal: one it opens, its own stdin, and a bad descriptor.
int probe_tty(int argc, char **argv) {
    (void)argc, (void)argv;
    int own = open("/dev/tty", O_RDWR);
    say("open /dev/tty %s", answer(own));
    say("stdin tty %s", isatty(0) ? "yes" : "no");
    if (own >= 0) try_terminal("/dev/tty", own);
    try_terminal("stdin", 0);
    try_terminal("invalid", -1);
    return 0;
}

/// tty-control: the same on a terminal of its own, as the bare host allows it.
int probe_tty_control(int argc, char **argv) {
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) return 1;
    char slave[64];
    if (ptsname_r(master, slave, sizeof slave) != 0) return 1;
    pid_t child = fork();
    if (child == 0) {
        setsid();
        int fd = open(slave, O_RDWR);
        if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) != 0 || dup2(fd, 0) != 0) _exit(1);
        _exit(probe_tty(argc, argv));
    }
    int status = 1;
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
}

/// keys make|find NAME: store a key where others of the same uid would find it, or look for it.
int probe_keys(int argc, char **argv) {
    if (argc < 3) return 64;
    const char *payload = "secret";
    long key;
    if (strcmp(argv[1], "make") == 0) {
        key = syscall(SYS_add_key, "user", argv[2], payload, strlen(payload), KEY_SPEC_USER_KEYRING);
        say("add_key %s", answer(key));
        if (key > 0) {
            // Everybody of this uid may read, search and link it.
            say("setperm %s", answer(syscall(SYS_keyctl, KEYCTL_SETPERM, key, 0x3f3f0000)));
        }
    } else {
        key = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", argv[2], 0);
        say("search %s", answer(key));
        say("request_key %s", answer(syscall(SYS_request_key, "user", argv[2], NULL, KEY_SPEC_PROCESS_KEYRING)));
        if (key > 0) say("revoke %s", answer(syscall(SYS_keyctl, KEYCTL_REVOKE, key)));
    }
    say("keyring %s", answer(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1)));
    return 0;
}
