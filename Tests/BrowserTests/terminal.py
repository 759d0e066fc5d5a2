"""Types into `nestbox repl` on a terminal: python3 terminal.py NESTBOX URL. Exits 0 when every check passed."""
import os
import pty
import select
import sys
import time

failures = 0


def check(name, condition, detail=""):
    global failures
    failures += 0 if condition else 1
    print(("ok    " if condition else "FAILED"), name, "" if condition else f"({detail!r})", flush=True)


def start():
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.execv(sys.argv[1], [sys.argv[1], "repl", "python", "--server", sys.argv[2]])
    return pid, terminal


def read(until, seconds=15):
    """What comes until a text is there."""
    text, end = "", time.monotonic() + seconds
    while until not in text and time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                text += os.read(terminal, 65536).decode(errors="replace")
            except OSError:
                break
    return text


def type_keys(keys):
    os.write(terminal, keys.encode())


pid, terminal = start()
check("it asks for a cell", ">>> " in read(">>> "))
type_keys("x = 6\r")
read(">>> ")
type_keys("x * 7\r")
check("a value is shown", "42" in read("42"))
type_keys("def f(n):\r")
check("what is not complete goes on", "... " in read("... "))
type_keys("return n + 1\r")
read("... ")
type_keys("\r")
read(">>> ")
type_keys("f(41)\r")
check("a block of lines is one cell", "42" in read("42"))
read(">>> ")
type_keys("input('Name? ')\r")
read("Name? ")
time.sleep(0.3)
type_keys("Ada\r")
check("a question is answered", "'Ada'" in read("'Ada'"))
read(">>> ")
type_keys("\x1b[A\x1b[A\r")
check("an earlier line comes back", "42" in read("42"))
read(">>> ")
type_keys("xx\x7f\x01y = \x05 + 1\r")
read(">>> ")
type_keys("y\r")
check("lines are edited", "7" in read("7"))
read(">>> ")
type_keys("while True: pass\r")
read("\0", 1)
type_keys("\x03")
text = read(">>> ")
check("Ctrl-C interrupts, and the session goes on", "KeyboardInterrupt" in text and ">>> " in text, text)
type_keys("prin\t")
check("Tab completes", "print" in read("print"))
type_keys("\x15")
type_keys("\x04")


def ended():
    """The exit status; None when it does not end."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        done, code = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(code)
        read("\0", 0.1)
    os.kill(pid, 9)
    return None


check("Ctrl-D ends it", (status := ended()) == 0, status)
pid, terminal = start()
read(">>> ")
type_keys("exit(3)\r")
check("exit() ends it, with its status", (status := ended()) == 3, status)
print(f"{failures} failed")
sys.exit(1 if failures else 0)
