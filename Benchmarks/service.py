"""nestboxd for benchmarks: started with the images that are built, reached over one raw WebSocket, stopped without a trace."""

import base64
import glob
import json
import os
import re
import select
import signal
import socket
import struct
import subprocess
import time

# The source tree, or share/nestbox of an installation.
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WEB = next(iter(glob.glob(f"{ROOT}/Sources/*/Web")), f"{ROOT}/web")


class Service:
    def __init__(self, nestboxd: str, state: str, *more: str, images: str = f"{ROOT}/images", policies: str = f"{ROOT}/policies"):
        self.process = subprocess.Popen(
            [nestboxd, "--listen", "127.0.0.1:0", "--user", "nobody", "--state", state, "--images", images,
             "--policies", policies, "--web", WEB, "--max-running-runs", "200",
             "--max-running-per-client", "200", "--max-queued-runs", "4096", "--rate-burst", "1000000", "--rate-per-minute",
             "1000000", "--ws-messages-per-second", "100000", "--finished-runs", "100", "--log-level", "error", *more],
            stdout=subprocess.PIPE, text=True, start_new_session=True)
        line = self.process.stdout.readline().strip()
        found = re.search(r":(\d+)$", line)
        if not found:
            raise SystemExit(f"nestboxd did not start: {line}")
        self.port = int(found.group(1))

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def get(self, path: str) -> bytes:
        """One GET over a connection of its own."""
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            data = b""
            while part := connection.recv(65536):
                data += part
        return data.partition(b"\r\n\r\n")[2]

    def pools(self) -> dict[tuple[str, str], float]:
        """How many sandboxes are parked, by image and step, from /metrics."""
        found = re.findall(rb'nestbox_pool_parked\{image="([^"]+)",policy="[^"]+",step="([^"]+)"\} (\S+)', self.get("/metrics"))
        return {(image.decode(), step.decode()): float(value) for image, step, value in found}

    def pool_gauges(self) -> list[dict]:
        """Every pool: image, policy, step, and its gauges by their names without `nestbox_pool_`."""
        found: dict[bytes, dict] = {}
        for name, labels, value in re.findall(rb"(?m)^nestbox_pool_(\w+)\{(.*)\} (\S+)$", self.get("/metrics")):
            if b"le=" not in labels:
                pool = found.setdefault(labels, {k.decode(): v.decode() for k, v in re.findall(rb'(\w+)="([^"]*)"', labels)})
                pool[name.decode()] = float(value)
        return list(found.values())

    def memory(self) -> int:
        """Bytes of nestboxd itself (PSS)."""
        with open(f"/proc/{self.process.pid}/smaps_rollup") as file:
            return int(re.search(r"Pss:\s+(\d+)", file.read()).group(1)) * 1024

    def await_parked(self, image: str, count: int = 1, step: str = "run", timeout: float = 60) -> None:
        """Waits until that many sandboxes of an image are parked."""
        until = time.monotonic() + timeout
        while self.pools().get((image, step), 0) < count:
            if time.monotonic() > until:
                raise SystemExit(f"no {count} sandboxes of {image} ({step}) were parked: {self.pools()}")
            time.sleep(0.05)


class Client:
    """A WebSocket client that gets out of the way: blocking, one frame at a time."""

    def __init__(self, port: int, protocol: str = "nestbox.v1.json", path: str = "/api/v1/ws"):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
                             + (f"Sec-WebSocket-Protocol: {protocol}\r\n" if protocol else "") + "\r\n").encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.socket.recv(4096)
        assert b" 101 " in head, head
        self.data = head.partition(b"\r\n\r\n")[2]

    @staticmethod
    def encode(message: dict) -> bytes:
        data = json.dumps(message).encode()
        size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", len(data))
        return b"\x81" + size + b"\0\0\0\0" + data

    def send(self, message: dict) -> None:
        self.socket.sendall(self.encode(message))

    def take(self) -> dict | None:
        """The next message that is here already."""
        while len(self.data) >= 2:
            length, offset = self.data[1] & 127, 2
            if length == 126:
                if len(self.data) < 4:
                    return None
                length, offset = struct.unpack(">H", self.data[2:4])[0], 4
            elif length == 127:
                if len(self.data) < 10:
                    return None
                length, offset = struct.unpack(">Q", self.data[2:10])[0], 10
            if len(self.data) < offset + length:
                return None
            opcode, payload = self.data[0] & 15, self.data[offset : offset + length]
            self.data = self.data[offset + length :]
            if opcode == 1:
                return json.loads(payload)
            if opcode == 9:
                # Who answers no ping for long is disconnected.
                self.socket.sendall(b"\x8a" + bytes([0x80 | len(payload)]) + b"\0\0\0\0" + payload)
        return None

    def breathe(self) -> None:
        """Between runs: answers pings, and passes over heartbeats."""
        while select.select([self.socket], [], [], 0)[0]:
            self.fill()
        while self.take() is not None:
            pass

    def message(self) -> dict:
        while True:
            if (message := self.take()) is not None:
                return message
            self.fill()

    def fill(self) -> None:
        """Waits for something, and has it."""
        if not (part := self.socket.recv(1 << 16)):
            raise SystemExit("the service has closed the connection")
        self.data += part

    def run(self, submission: dict) -> dict:
        """One run: its warmth by step, output, verdict, and seconds to each event."""
        start = time.monotonic()
        self.send({"type": "execute", **submission})
        found = {"warm": {}, "output": "", "times": {}}
        while True:
            event = self.message()
            now = time.monotonic() - start
            found["times"].setdefault(event["type"], now)
            if event["type"] == "started":
                found["warm"][event["step"]] = event["warm"]
            elif event["type"] == "output":
                found["output"] += event["data"]
            elif event["type"] == "finished":
                found["verdict"] = event["verdict"]
                found["seconds"] = now
                return found
            elif event["type"] == "error":
                raise SystemExit(f"refused: {event}")

    def close(self) -> None:
        self.socket.close()
