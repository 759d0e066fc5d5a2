# Tries what a sandbox must not allow, and says what came of it.
import ctypes
import os
import socket


def attempt(what, action):
    try:
        action()
        print(f"{what}: ALLOWED")
    except OSError:
        print(f"{what}: refused")


def checked(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")


libc = ctypes.CDLL(None, use_errno=True)
attempt("write to /usr", lambda: open("/usr/planted", "w"))
attempt("read /etc/shadow", lambda: open("/etc/shadow").read())
attempt("become root", lambda: os.setuid(0))
attempt("mount", lambda: checked(libc.mount(b"none", b"/box", b"tmpfs", 0, None)))
attempt("new user namespace", lambda: checked(libc.unshare(0x10000000)))
attempt("reach the network", lambda: socket.create_connection(("192.0.2.1", 80), timeout=1))
attempt("trace pid 1", lambda: checked(libc.ptrace(16, 1, None, None)))
attempt("signal pid 1", lambda: os.kill(1, 9))
print("processes in sight:", len([name for name in os.listdir("/proc") if name.isdigit() and int(name) > 1]))
