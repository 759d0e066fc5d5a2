"""Jupyter's Kernel Gateway with ipykernel, and what both sides are asked in Jupyter's own protocol."""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
import uuid
from pathlib import Path

import service

PLACE = Path(service.ROOT, ".build/jupyter-peer/bin")


class Gateway:
    """A gateway of its own on a free port. To be used as a context."""

    def __init__(self) -> None:
        if not os.access(PLACE / "jupyter-kernelgateway", os.X_OK):
            raise SystemExit("no Kernel Gateway: deploy/peers --jupyter")
        self.folder = tempfile.TemporaryDirectory(prefix="nestbox-kernels-")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        home = dict(os.environ, HOME=self.folder.name, JUPYTER_RUNTIME_DIR=self.folder.name, PYDEVD_DISABLE_FILE_VALIDATION="1")
        self.process = subprocess.Popen(
            [PLACE / "jupyter-kernelgateway", "--KernelGatewayApp.ip=127.0.0.1", f"--KernelGatewayApp.port={self.port}"],
            env=home, cwd=self.folder.name, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    def __enter__(self) -> "Gateway":
        until = time.monotonic() + 60
        while True:
            try:
                request(self.port, "GET", "/api")
                return self
            except OSError:
                if time.monotonic() > until or self.process.poll() is not None:
                    self.__exit__()
                    raise SystemExit("the Kernel Gateway does not start") from None
                time.sleep(0.1)

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.folder.cleanup()


def request(port: int, method: str, path: str, body: dict | None = None) -> dict | None:
    data = json.dumps(body).encode() if body is not None else None
    call = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, {"content-type": "application/json"}, method=method)
    with urllib.request.urlopen(call, timeout=60) as answer:
        text = answer.read()
    return json.loads(text) if text else None


class Kernel:
    """A kernel of a gateway, and its channels: the same for both sides."""

    def __init__(self, port: int, acknowledges: bool = False):
        """With `acknowledges` the client's kernel does not hold back acknowledgements, for which a server may wait before it writes again."""
        self.port, began = port, time.monotonic()
        self.id = request(port, "POST", "/api/kernels", {"name": "python3"})["id"]
        self.client = service.Client(port, "", f"/api/kernels/{self.id}/channels?session_id={uuid.uuid4().hex}")
        self.acknowledges = acknowledges
        self.execute("1")
        #: Seconds until the first cell was answered.
        self.ready = time.monotonic() - began

    def execute(self, code: str) -> float:
        """Milliseconds from the request until the reply and the kernel's idle are both here."""
        name = uuid.uuid4().hex
        header = {"msg_id": name, "msg_type": "execute_request", "session": "benchmark", "username": "", "version": "5.3", "date": ""}
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
        began, waits = time.monotonic(), {"execute_reply", "idle"}
        self.client.send({"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content, "buffers": []})
        while waits:
            if self.acknowledges:
                self.client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            message = self.client.message()
            if message.get("parent_header", {}).get("msg_id") != name:
                continue
            if message["msg_type"] == "execute_reply" and message["content"]["status"] != "ok":
                raise SystemExit(f"a cell failed: {message['content']}")
            waits.discard(message["content"].get("execution_state") if message["msg_type"] == "status" else message["msg_type"])
        return (time.monotonic() - began) * 1e3

    def close(self) -> None:
        self.client.close()
        request(self.port, "DELETE", f"/api/kernels/{self.id}")
