"""How fast a large output goes through one WebSocket, beside the same bytes through a bare pipe and a socket."""

import asyncio
import base64
import hashlib
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time

BLOCK = bytes(range(256)) * 256


class Socket:
    """A WebSocket client that gets out of the way."""

    @classmethod
    async def connect(cls, port, protocol="nestbox.v1.json"):
        self = cls()
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
        key = base64.b64encode(os.urandom(16)).decode()
        self.writer.write((f"GET /api/v1/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n").encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        assert b" 101 " in head, head
        return self

    def send(self, message):
        data = json.dumps(message).encode()
        size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", len(data))
        self.writer.write(b"\x81" + size + b"\0\0\0\0" + data)

    async def frame(self):
        first, second = await self.reader.readexactly(2)
        length = second & 127
        if length == 126:
            length = struct.unpack(">H", await self.reader.readexactly(2))[0]
        elif length == 127:
            length = struct.unpack(">Q", await self.reader.readexactly(8))[0]
        return first & 15, await self.reader.readexactly(length)

    async def message(self):
        while True:
            opcode, payload = await self.frame()
            if opcode == 1:
                return json.loads(payload)

    def close(self):
        self.writer.close()


def program(size):
    """What writes that many bytes."""
    return f"import os\nb=bytes(range(256))*256\nleft={size}\nwhile left>0:\n left-=os.write(1,b[:min(left,65536)])"


async def large(service, megabytes, policy="large"):
    """Verdict, whether every byte was right, seconds since the first of them, and by how much nestboxd grew meanwhile."""
    size = megabytes * 1_000_000
    client = await Socket.connect(service.port, "nestbox.v1.binary")
    client.send({"type": "execute", "language": "python", "policy": policy, "code": program(size)})
    expected = hashlib.sha256()
    for offset in range(0, size, 65536):
        expected.update(BLOCK[:min(65536, size - offset)])
    found, received, before, peak, start = hashlib.sha256(), 0, service.memory(), 0, None
    while True:
        opcode, payload = await client.frame()
        if opcode == 2:
            start = start or time.monotonic()
            found.update(payload[25:])
            received += len(payload) - 25
            if received % (1 << 22) < 65536:
                peak = max(peak, service.memory())
        elif opcode == 1 and json.loads(payload)["type"] == "finished":
            verdict = json.loads(payload)["verdict"]
            break
    seconds = time.monotonic() - start
    client.close()
    return verdict, received == size and found.digest() == expected.digest(), seconds, peak - before


def bare(size):
    """Seconds for the same bytes through a pipe, a thread that copies, and a TCP socket."""
    server = socket.create_server(("127.0.0.1", 0))
    writer = subprocess.Popen([sys.executable, "-c", program(size)], stdout=subprocess.PIPE)

    def copy():
        connection, _ = server.accept()
        while data := os.read(writer.stdout.fileno(), 65536):
            connection.sendall(data)
        connection.close()

    copier = threading.Thread(target=copy, daemon=True)
    copier.start()
    client = socket.create_connection(server.getsockname())
    start, digest = None, hashlib.sha256()
    while data := client.recv(1 << 20):
        start = start or time.monotonic()
        digest.update(data)
    writer.wait()
    copier.join()
    for end in (client, server, writer.stdout):
        end.close()
    return time.monotonic() - start
