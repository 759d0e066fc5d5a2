"""Starts nestboxd as a service manager does, and has one service take the place of another under load.

usage: manager.py activate|replace PRODUCTS REPOSITORY SCRATCH

`activate`: systemd's protocols (LISTEN_FDS, NOTIFY_SOCKET, WATCHDOG_USEC; a keeper for each connection, as with Accept=yes), the service
unprivileged from its start. `replace`: started by root, without a manager. Prints "fine" at the end; anything else is a failure.
"""

import http.client
import json
import os
import pathlib
import pwd
import signal
import socket
import subprocess
import sys
import threading
import time

IMAGE = """version: 1
name: bash
root: {host: true}
file: main.sh
run: [/usr/bin/bash, main.sh]
check: {code: 'echo 42', stdout: "42\\n"}
"""
mode, products, repository, scratch = sys.argv[1:]
scratch = pathlib.Path(scratch)
nobody = pwd.getpwnam("nobody")
started = []


def fail(text):
    for number, log in enumerate(sorted(scratch.glob("log*"))):
        print(f"--- log {number}\n{log.read_text()[-3000:]}", file=sys.stderr)
    print(text, file=sys.stderr)
    for pid in started:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    os._exit(1)


def check(condition, text):
    if not condition:
        fail(text)


def prepare():
    image = scratch / "images" / "bash"
    image.mkdir(parents=True)
    (image / "image.yaml").write_text(IMAGE)
    for name in ["state", "state/roots"]:
        (scratch / name).mkdir()
    for name in ["state/generations", "state/sessions", "audit"]:
        (scratch / name).mkdir()
        os.chown(scratch / name, nobody.pw_uid, nobody.pw_gid)
    os.chmod(scratch, 0o755)


def settings(*more):
    return [
        "--state", f"{scratch}/state", "--images", f"{scratch}/images", "--policies", f"{repository}/policies",
        "--web", f"{repository}/Sources/RunAPI/Web", "--audit-log", f"{scratch}/audit/audit.jsonl", "--rate-burst", "100000",
        "--rate-per-minute", "1000000", *more,
    ]


def start(program, arguments, sockets=(), environment=None, user=None, log="log", output=None):
    """Starts a program with descriptors from 3 on, and LISTEN_* as systemd sets them."""
    pid = os.fork()
    if pid:
        started.append(pid)
        return pid
    try:
        os.dup2(os.open(scratch / log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 2)
        os.dup2(os.open(output or os.devnull, os.O_WRONLY | os.O_CREAT, 0o600), 1)
        # First away from the numbers that are to be used.
        copies = [os.dup2(number, 100 + index) for index, number in enumerate(sockets)]
        for index, number in enumerate(copies):
            os.dup2(number, 3 + index)
        os.closerange(3 + len(copies), 4096)
        variables = {"PATH": os.environ["PATH"], **(environment or {})}
        if sockets:
            variables |= {"LISTEN_FDS": str(len(sockets)), "LISTEN_PID": str(os.getpid())}
        if user:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
        os.execve(program, [program, *arguments], variables)
    except BaseException as error:
        os.write(2, f"cannot start {program}: {error}\n".encode())
    os._exit(99)


class Manager:
    """What systemd does for the units of deploy/systemd."""

    def __init__(self):
        self.notifications = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notifications.bind(f"{scratch}/notify")
        os.chmod(f"{scratch}/notify", 0o777)
        self.notifications.settimeout(30)
        self.listeners = [self.listener(), self.listener()]
        self.ports = [listener.getsockname()[1] for listener in self.listeners]
        self.keeper = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.keeper.bind(f"{scratch}/keeper.sock")
        os.chown(f"{scratch}/keeper.sock", nobody.pw_uid, nobody.pw_gid)
        os.chmod(f"{scratch}/keeper.sock", 0o600)
        self.keeper.listen(8)
        self.keepers = []
        threading.Thread(target=self.keep, daemon=True).start()

    @staticmethod
    def listener():
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(4096)
        return listener

    def keep(self):
        while True:
            connection, _ = self.keeper.accept()
            arguments = ["--keeper", "--socket-fd", "3", "--image-root", f"{scratch}/state/roots"]
            self.keepers.append(start(f"{products}/nestbox-warden", arguments, [connection.fileno()], log="log-keeper"))
            connection.close()

    def service(self, log):
        environment = {
            "NOTIFY_SOCKET": f"{scratch}/notify", "WATCHDOG_USEC": "600000", "NESTBOX_KEEPER": f"{scratch}/keeper.sock",
        }
        return start(
            f"{products}/nestboxd", settings(), [listener.fileno() for listener in self.listeners], environment, nobody, log)

    def notified(self, wanted):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                message = self.notifications.recv(4096).decode()
            except TimeoutError:
                break
            if wanted in message.split("\n"):
                return message
        fail(f"no {wanted}")


def request(connection, method, path, body=None):
    content = json.dumps(body) if body is not None else None
    connection.request(method, path, content, {"content-type": "application/json"} if content else {})
    response = connection.getresponse()
    return response.status, response.read()


def execute(connection, code):
    status, body = request(connection, "POST", "/api/v1/execute", {"language": "bash", "code": code})
    return status, json.loads(body).get("stdout")


class Load:
    """Requests one after the other on connections that are kept, and on new ones; none is repeated."""

    def __init__(self, ports):
        self.problems, self.count, self.over = [], 0, threading.Event()
        self.threads = [
            threading.Thread(target=self.work, args=(ports[number % len(ports)], number % 3 != 0)) for number in range(6)
        ]
        for thread in self.threads:
            thread.start()

    def work(self, port, keeps):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        number = 0
        while not self.over.is_set():
            try:
                answer = execute(connection, "echo hi") if number % 5 == 0 else request(connection, "GET", "/readyz")
                if answer[0] != 200 or (number % 5 == 0 and answer[1] != "hi\n"):
                    self.problems.append(answer)
            except Exception as error:
                self.problems.append(repr(error))
                connection.close()
            number += 1
            self.count += 1
            if not keeps:
                connection.close()
            time.sleep(0.005)
        connection.close()

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join()
        check(not self.problems, f"{len(self.problems)} of {self.count} requests were refused: {self.problems[:5]}")
        check(self.count > 100, f"only {self.count} requests")


def long_run(port, results):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    results.append(execute(connection, "sleep 2; echo done"))


def ended(pid, within=40):
    end = time.monotonic() + within
    while time.monotonic() < end:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            started.remove(pid)
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    fail(f"process {pid} did not end")


def exchange(ports, old, replace):
    """`replace` starts the new service, returns when the old one is to be told, and tells it."""
    load, results = Load(ports), []
    runner = threading.Thread(target=long_run, args=(ports[0], results))
    runner.start()
    time.sleep(0.5)
    new = replace()
    check(ended(old) == 0, "the old service did not end in order")
    # With the new one alone.
    time.sleep(0.5)
    runner.join()
    load.end()
    check(results == [(200, "done\n")], f"the run in flight: {results}")
    return new, load.count


def activate():
    manager = Manager()
    old = manager.service("log-old")
    status = manager.notified("READY=1")
    for port in manager.ports:
        check(f"http://127.0.0.1:{port}" in status, status)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        check(request(connection, "GET", "/readyz")[0] == 200, "not ready")
        check(execute(connection, "id -u; echo hi") == (200, "1000\nhi\n"), "no run")
    check(os.stat(f"/proc/{old}/environ").st_uid == 0, "anybody may look into the service")
    uids = [line for line in open(f"/proc/{old}/status") if line.startswith("Uid:")]
    check(uids[0].split()[1:] == [str(nobody.pw_uid)] * 4, uids)
    manager.notified("WATCHDOG=1")
    os.kill(old, signal.SIGHUP)
    check("MONOTONIC_USEC=" in manager.notified("RELOADING=1"), "no time")
    manager.notified("READY=1")

    def replace():
        # The audit log has one writer: the old service gives it up when it leaves.
        os.kill(old, signal.SIGTERM)
        manager.notified("STOPPING=1")
        return manager.service("log-new")

    new, count = exchange(manager.ports, old, replace)
    manager.notified("READY=1")
    check(len(manager.keepers) == 2, "each service has its own keeper")
    check(ended(manager.keepers[0]) == 0, "the keeper of the old service is still there")
    os.kill(new, signal.SIGTERM)
    check(ended(new) == 0 and ended(manager.keepers[1]) == 0, "not everything ended in order")
    return count


def replace_by_hand():
    old = start(
        f"{products}/nestboxd", settings("--user", "nobody", "--listen", "127.0.0.1:0"), log="log-old", output=f"{scratch}/out")
    end = time.monotonic() + 30
    while not (text := (scratch / "out").read_text() if (scratch / "out").exists() else "").endswith("\n"):
        check(time.monotonic() < end, "the service did not start")
        time.sleep(0.02)
    port = int(text.rsplit(":", 1)[1])

    def replace():
        return start(
            f"{products}/nestboxd", settings("--user", "nobody", "--replace", str(old)), log="log-new", output=f"{scratch}/new")

    new, count = exchange([port], old, replace)
    check(f":{port}" in (scratch / "new").read_text(), "it does not say where it listens")
    os.kill(new, signal.SIGTERM)
    check(ended(new) == 0, "the new service did not end in order")
    return count


prepare()
requests = activate() if mode == "activate" else replace_by_hand()
verified = subprocess.run([f"{products}/nestbox", "audit", "verify", f"{scratch}/audit/audit.jsonl"], capture_output=True, text=True)
check(verified.returncode == 0, verified.stdout + verified.stderr)
check(not started, f"left: {started}")
print(f"fine, {requests} requests")
# Threads that accept are not waited for.
sys.stdout.flush()
os._exit(0)
