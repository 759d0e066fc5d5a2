"""The 517 cases of the Autobahn test suite (1 to 7, 9, 10, 12, 13), by number, against an echo server.

Usage: cases.py PORT [--quick] [--only PREFIX]. Written anew from the suite's descriptions; needs nothing but Python.
A case fails when what comes back is not what it should be, and is unclean when the closing handshake is not carried out
by both sides or the connection ends in anything but the server's end of file. --quick sends fewer and smaller messages
in 9, 12 and 13. Prints a line per problem and one JSON object: {"cases", "failed", "unclean"}.
"""

import json
import os
import random
import socket
import struct
import sys
import time
import zlib

PORT = int(sys.argv[1])
QUICK = "--quick" in sys.argv
ONLY = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Failed(Exception):
    pass


def xor(data, mask):
    if not data:
        return data
    repeated = mask * (len(data) // 4 + 1)
    number = int.from_bytes(data, "big") ^ int.from_bytes(repeated[: len(data)], "big")
    return number.to_bytes(len(data), "big")


def frame(opcode, payload=b"", fin=True, rsv=0):
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    size = len(payload)
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65536:
        head += bytes([0xFE]) + struct.pack(">H", size)
    else:
        head += bytes([0xFF]) + struct.pack(">Q", size)
    mask = os.urandom(4)
    return head + mask + xor(payload, mask)


class Client:
    def __init__(self, offers=None):
        self.socket = socket.create_connection(("127.0.0.1", PORT), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()
        self.ended = False
        self.was_reset = False
        self.close_code = None
        self.has_closed = False
        self.message = None
        lines = ["GET / HTTP/1.1", "Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
        if offers:
            lines.append("Sec-WebSocket-Extensions: " + ", ".join(offers))
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.buffer:
            if not self.fill():
                raise Failed("no handshake")
        head, _, rest = bytes(self.buffer).partition(b"\r\n\r\n")
        self.buffer = bytearray(rest)
        if not head.startswith(b"HTTP/1.1 101") or b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" not in head:
            raise Failed("no upgrade: %r" % head)
        self.extension = None
        for line in head.decode("latin-1").split("\r\n"):
            name, _, value = line.partition(":")
            if name.lower() == "sec-websocket-extensions":
                self.extension = [part.strip() for part in value.split(";")]
        if self.extension and not offers:
            raise Failed("an extension that was not offered")
        self.deflater = self.inflater = None

    def fill(self):
        try:
            data = self.socket.recv(262144)
        except ConnectionResetError:
            self.was_reset, data = True, b""
        except socket.timeout:
            raise Failed("nothing came for a minute")
        if not data:
            self.ended = True
            return False
        self.buffer += data
        return True

    def send(self, data, chop=0):
        try:
            if not chop:
                self.socket.sendall(data)
                return
            for start in range(0, len(data), chop):
                self.socket.sendall(data[start:start + chop])
        except (BrokenPipeError, ConnectionResetError):
            self.was_reset = True

    def next_frame(self):
        """(fin, rsv, opcode, payload), or None at the end."""
        while True:
            have = len(self.buffer)
            if have >= 2:
                size, at = self.buffer[1] & 0x7F, 2
                if self.buffer[1] & 0x80:
                    raise Failed("a masked frame of the server")
                if size == 126 and have >= 4:
                    size, at = struct.unpack_from(">H", self.buffer, 2)[0], 4
                elif size == 127 and have >= 10:
                    size, at = struct.unpack_from(">Q", self.buffer, 2)[0], 10
                elif size > 125:
                    size = 1 << 62
                if have >= at + size:
                    first = self.buffer[0]
                    payload = bytes(self.buffer[at:at + size])
                    del self.buffer[:at + size]
                    return first >> 7, first >> 4 & 7, first & 15, payload
            if self.ended or not self.fill():
                return None

    def event(self):
        """("message", payload, isBinary), ("pong", payload), ("close", code) or ("end",)."""
        while True:
            got = self.next_frame()
            if got is None:
                return ("end",)
            fin, rsv, opcode, payload = got
            if opcode == CLOSE:
                self.close_code = struct.unpack(">H", payload[:2])[0] if payload else 1005
                return ("close", self.close_code)
            if opcode == PONG:
                return ("pong", payload)
            if opcode == PING:
                self.send(frame(PONG, payload))
                continue
            if opcode:
                self.message = [opcode, rsv & 4, bytearray()]
            self.message[2] += payload
            if fin:
                kind, compressed, data = self.message
                data = bytes(data)
                if compressed:
                    if not self.inflater:
                        raise Failed("a compressed message without agreement")
                    # Each message by itself: that was agreed on.
                    data = zlib.decompressobj(-self.inflater).decompress(data + b"\0\0\xff\xff")
                if kind == TEXT:
                    data.decode("utf-8")
                return ("message", data, kind == BINARY)

    def finish(self, code=None):
        """Carries the closing handshake to its end. True when it was clean."""
        if self.close_code is None:
            if not self.has_closed:
                self.send(frame(CLOSE, struct.pack(">H", code or 1000)))
                self.has_closed = True
            while self.close_code is None:
                if self.event()[0] == "end":
                    break
        elif not self.has_closed:
            self.send(frame(CLOSE, struct.pack(">H", 1000)))
        # The server ends the connection first.
        self.socket.settimeout(4)
        try:
            while not self.ended:
                if self.buffer:
                    self.buffer.clear()
                self.fill()
        except Failed:
            return False
        finally:
            self.socket.close()
        return self.close_code is not None and not self.was_reset


results = {"cases": 0, "failed": [], "unclean": []}


def case(number, body, offers=None):
    if ONLY and not (number + ".").startswith(ONLY.rstrip(".") + "."):
        return
    results["cases"] += 1
    client = None
    try:
        client = Client(offers)
        body(client)
    except (Failed, OSError, zlib.error, UnicodeDecodeError) as error:
        results["failed"].append(number)
        print(number, "failed:", error, flush=True)
    if client and not client.finish():
        results["unclean"].append(number)
        print(number, "unclean: code %s, reset %s" % (client.close_code, client.was_reset), flush=True)


def expect(client, *events):
    for wanted in events:
        got = client.event()
        if got != wanted:
            raise Failed("got %.80r, wanted %.80r" % (got, wanted))


def exchange(frames, events, code=1000, chop=0):
    """Sends all frames; the events must come, and then a close with the code: the server's own, or our echo.

    Before a close of the server's own an event may be missing: it has seen the violation before the echo was sent, which
    the suite calls not strict, and does not count as a failure.
    """
    def body(client):
        client.send(b"".join(frames), chop) if chop else [client.send(one) for one in frames]
        if code == 1000:
            expect(client, *events)
            client.send(frame(CLOSE, struct.pack(">H", 1000)))
            client.has_closed = True
            got = client.event()
        else:
            got = client.event()
            if events and got == events[0]:
                got = client.event()
        if got != ("close", code):
            raise Failed("got %.80r, wanted a close with %s" % (got, code))

    return body


def text(payload):
    return ("message", payload, False)


def binary(payload):
    return ("message", payload, True)


# -- 1: framing
for group, opcode, kind, byte in ((1, TEXT, text, b"*"), (2, BINARY, binary, b"\xfe")):
    for index, size in enumerate((0, 125, 126, 127, 128, 65535, 65536, 65536), 1):
        payload = byte * size
        case("1.%d.%d" % (group, index), exchange([frame(opcode, payload)], [kind(payload)], chop=997 if index == 8 else 0))

# -- 2: pings and pongs
odd = b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"
for index, payload, chop in ((1, b"", 0), (2, b"Hello, world!", 0), (3, odd, 0), (4, b"\xfe" * 125, 0), (6, b"\xfe" * 125, 1)):
    case("2.%d" % index, exchange([frame(PING, payload)], [("pong", payload)], chop=chop))
case("2.5", exchange([frame(PING, b"\xfe" * 126)], [], 1002))
case("2.7", exchange([frame(PONG)], []))
case("2.8", exchange([frame(PONG, b"unsolicited pong payload")], []))
case("2.9", exchange([frame(PONG, b"unsolicited pong payload"), frame(PING, b"ping payload")], [("pong", b"ping payload")]))
pings = [b"payload-%d" % number for number in range(10)]
for index, chop in ((10, 0), (11, 1)):
    case("2.%d" % index, exchange([frame(PING, one) for one in pings], [("pong", one) for one in pings], chop=chop))

# -- 3: reserved bits
hello = b"Hello, world!"
case("3.1", exchange([frame(TEXT, hello, rsv=1)], [], 1002))
for index, rsv, chop in ((2, 2, 0), (3, 3, 0), (4, 4, 1)):
    case("3.%d" % index, exchange([frame(TEXT, hello), frame(TEXT, hello, rsv=rsv), frame(PING)], [text(hello)], 1002, chop))
case("3.5", exchange([frame(BINARY, odd, rsv=5)], [], 1002))
case("3.6", exchange([frame(BINARY, odd, rsv=6)], [], 1002))
case("3.7", exchange([frame(CLOSE, rsv=7)], [], 1002))

# -- 4: reserved opcodes
for group, first in ((1, 3), (2, 11)):
    for index in range(5):
        bad = frame(first + index, b"reserved opcode payload" if index % 2 else b"")
        if index < 2:
            case("4.%d.%d" % (group, index + 1), exchange([bad], [], 1002))
        else:
            case("4.%d.%d" % (group, index + 1),
                 exchange([frame(TEXT, hello), bad, frame(PING)], [text(hello)], 1002, chop=1 if index == 4 else 0))

# -- 5: fragments
one, two = b"fragment1", b"fragment2"
case("5.1", exchange([frame(PING, one, fin=False), frame(0, two)], [], 1002))
case("5.2", exchange([frame(PONG, one, fin=False), frame(0, two)], [], 1002))
for index, chop in ((3, 0), (4, 0), (5, 1)):
    case("5.%d" % index, exchange([frame(TEXT, one, fin=False), frame(0, two)], [text(one + two)], chop=chop))
for index, chop in ((6, 0), (7, 0), (8, 1)):
    case("5.%d" % index, exchange([frame(TEXT, one, fin=False), frame(PING, b"ping payload"), frame(0, two)],
                                  [("pong", b"ping payload"), text(one + two)], chop=chop))
for index, fin, chop in ((9, True, 0), (10, True, 0), (11, True, 1), (12, False, 0), (13, False, 0), (14, False, 1)):
    case("5.%d" % index, exchange([frame(0, b"non-continuation payload", fin=fin), frame(TEXT, hello)], [], 1002, chop))
case("5.15", exchange([frame(TEXT, one, fin=False), frame(0, two), frame(0, b"fragment3", fin=False), frame(TEXT, b"fragment4")],
                      [text(one + two)], 1002))
for index, fin in ((16, False), (17, True)):
    case("5.%d" % index, exchange([frame(0, one, fin=fin), frame(TEXT, two, fin=False), frame(0, b"fragment3")] * 2, [], 1002))
case("5.18", exchange([frame(TEXT, one, fin=False), frame(TEXT, two)], [], 1002))
for index in (19, 20):
    def interleaved(client):
        client.send(frame(TEXT, b"fragment1", fin=False) + frame(0, b"fragment2", fin=False) + frame(PING, b"pongme 1!"))
        expect(client, ("pong", b"pongme 1!"))
        time.sleep(0.01)
        client.send(frame(0, b"fragment3", fin=False) + frame(0, b"fragment4", fin=False) + frame(PING, b"pongme 2!")
                    + frame(0, b"fragment5"))
        expect(client, ("pong", b"pongme 2!"), text(b"fragment1fragment2fragment3fragment4fragment5"))
    case("5.%d" % index, interleaved)

# -- 6: UTF-8
case("6.1.1", exchange([frame(TEXT)], [text(b"")]))
case("6.1.2", exchange([frame(TEXT, fin=False), frame(0, fin=False), frame(0)], [text(b"")]))
case("6.1.3", exchange([frame(TEXT, fin=False), frame(0, b"middle frame payload", fin=False), frame(0)], [text(b"middle frame payload")]))


def bytewise(payload):
    return [frame(0 if at else TEXT, payload[at:at + 1], fin=at == len(payload) - 1) for at in range(len(payload))]


german = "Hello-µ@ßöäüàá-UTF-8!!".encode()
greek = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"
case("6.2.1", exchange([frame(TEXT, german)], [text(german)]))
case("6.2.2", exchange([frame(TEXT, german[:13], fin=False), frame(0, german[13:])], [text(german)]))
case("6.2.3", exchange(bytewise(german), [text(german)]))
case("6.2.4", exchange(bytewise(greek), [text(greek)]))
bad = greek + b"\xed\xa0\x80edited"
case("6.3.1", exchange([frame(TEXT, bad)], [], 1007))
case("6.3.2", exchange(bytewise(bad), [], 1007))


def fails_fast(first, second, in_frames):
    """The connection must fail with what comes second, and not wait for the end of the message."""
    def body(client):
        if in_frames:
            pieces = [frame(TEXT, first, fin=False), frame(0, second, fin=False)]
        else:
            whole = frame(TEXT, first + second + b"edited")
            at = len(whole) - len(second) - 6
            pieces = [whole[:at], whole[at:at + len(second)]]
        client.send(pieces[0])
        client.socket.settimeout(0.15)
        try:
            client.fill()
            raise Failed("it was refused too early")
        except Failed as error:
            if "nothing came" not in str(error):
                raise
        client.socket.settimeout(5)
        client.send(pieces[1])
        expect(client, ("close", 1007))
    return body


bad = greek + b"\xf4\x90\x80\x80"
case("6.4.1", fails_fast(greek, b"\xf4\x90\x80\x80", True))
case("6.4.2", fails_fast(bad[:12], bad[12:13], True))
case("6.4.3", fails_fast(greek, b"\xf4\x90\x80\x80", False))
case("6.4.4", fails_fast(bad[:12], bad[12:13], False))
starts = [(0xC0, 0xDF), (0xE0, 0xEF), (0xF0, 0xF7), (0xF8, 0xFB), (0xFC, 0xFD)]
cut_off = [b"\xc0", b"\xe0\x80", b"\xf0\x80\x80", b"\xf8\x80\x80\x80", b"\xfc\x80\x80\x80\x80",
           b"\xdf", b"\xef\xbf", b"\xf7\xbf\xbf", b"\xfb\xbf\xbf\xbf", b"\xfd\xbf\xbf\xbf\xbf"]
pairs = [high + low for high in (b"\xed\xa0\x80", b"\xed\xad\xbf", b"\xed\xae\x80", b"\xed\xaf\xbf")
         for low in (b"\xed\xb0\x80", b"\xed\xbf\xbf")]
others = [a + b + b"\xbf" + c for a in (b"\xf0", b"\xf1", b"\xf2", b"\xf3", b"\xf4") for b in (b"\x8f", b"\x9f", b"\xaf", b"\xbf")
          for c in (b"\xbe", b"\xbf") if not (a == b"\xf4" and b != b"\x8f") and not (a == b"\xf0" and b == b"\x8f")]
sequences = [
    [b"hello\x24world", b"hello\xc2\xa2world", b"hello\xe2\x82\xacworld", b"hello\xf0\xa4\xad\xa2world", greek],
    [greek[:count] for count in range(1, len(greek) + 1)],
    [b"\x00", b"\xc2\x80", b"\xe0\xa0\x80", b"\xf0\x90\x80\x80"],
    [b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80"],
    [b"\x7f", b"\xdf\xbf", b"\xef\xbf\xbf", b"\xf4\x8f\xbf\xbf"],
    [b"\xf7\xbf\xbf\xbf", b"\xfb\xbf\xbf\xbf\xbf", b"\xfd\xbf\xbf\xbf\xbf\xbf"],
    [b"\xed\x9f\xbf", b"\xee\x80\x80", b"\xef\xbf\xbd", b"\xf4\x8f\xbf\xbf", b"\xf4\x90\x80\x80"],
    [b"\x80", b"\xbf"] + [(b"\x80\xbf" * 3)[:count] for count in range(2, 7)] + [bytes(range(0x80, 0xBF))],
    [b"".join(bytes([byte]) + b" " for byte in range(low, high)) for low, high in starts],
    cut_off,
    [b"".join(cut_off)],
    [b"\xfe", b"\xff", b"\xfe\xfe\xff\xff"],
    [b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xf8\x80\x80\x80\xaf", b"\xfc\x80\x80\x80\x80\xaf"],
    [b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xf0\x8f\xbf\xbf", b"\xf8\x87\xbf\xbf\xbf", b"\xfc\x83\xbf\xbf\xbf\xbf"],
    [b"\xc0\x80", b"\xe0\x80\x80", b"\xf0\x80\x80\x80", b"\xf8\x80\x80\x80\x80", b"\xfc\x80\x80\x80\x80\x80"],
    [b"\xed\xa0\x80", b"\xed\xad\xbf", b"\xed\xae\x80", b"\xed\xaf\xbf", b"\xed\xb0\x80", b"\xed\xbe\x80", b"\xed\xbf\xbf"],
    pairs,
    [b"\xef\xbf\xbe", b"\xef\xbf\xbf"] + others,
    [b"\xef\xbf\xb9", b"\xef\xbf\xba", b"\xef\xbf\xbb", b"\xef\xbf\xbc", b"\xef\xbf\xbd", b"\xef\xbf\xbe", b"\xef\xbf\xbf"],
]


def is_text(payload):
    try:
        payload.decode("utf-8")
        return True
    except UnicodeDecodeError:
        return False


for group, members in enumerate(sequences, 5):
    for index, payload in enumerate(members, 1):
        good = is_text(payload)
        case("6.%d.%d" % (group, index), exchange([frame(TEXT, payload)], [text(payload)] if good else [], 1000 if good else 1007))

# -- 7: closing
def close(code, reason=b""):
    return frame(CLOSE, struct.pack(">H", code) + reason)


def closing(frames, events=(), codes=(1000,)):
    def body(client):
        for data in frames:
            client.send(data)
        client.has_closed = True
        expect(client, *events)
        got = client.event()
        if got[0] != "close" or got[1] not in codes:
            raise Failed("got %.80r, wanted a close with %s" % (got, codes))
        if client.event() != ("end",):
            raise Failed("something behind the close frame")
    return body


case("7.1.1", exchange([frame(TEXT, b"Hello World!")], [text(b"Hello World!")]))
case("7.1.2", closing([close(1000), frame(CLOSE)]))
case("7.1.3", closing([close(1000), frame(PING)]))
case("7.1.4", closing([close(1000), frame(TEXT, b"Hello World!")]))
case("7.1.5", closing([frame(TEXT, one, fin=False), close(1000), frame(0, two)]))
large = (b"BAsd7&jh23" * 26215)[:262144]
def close_behind_message(client):
    """Either may be answered first; the close has to be."""
    for data in (frame(TEXT, large), close(1000), frame(PING)):
        client.send(data)
    client.has_closed = True
    got = client.event()
    if got == text(large):
        got = client.event()
    if got != ("close", 1000):
        raise Failed("got %.80r" % (got,))


case("7.1.6", close_behind_message)
case("7.3.1", closing([frame(CLOSE)], codes=(1000, 1005)))
case("7.3.2", closing([frame(CLOSE, b"a")], codes=(1002,)))
case("7.3.3", closing([close(1000)]))
case("7.3.4", closing([close(1000, b"Hello World!")]))
case("7.3.5", closing([close(1000, b"*" * 123)]))
case("7.3.6", closing([close(1000, b"*" * 124)], codes=(1002,)))
case("7.5.1", closing([close(1000, greek + b"\xed\xa0\x80edited")], codes=(1002, 1007)))
for index, code in enumerate((1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999), 1):
    case("7.7.%d" % index, closing([close(code)], codes=(1000, code)))
for index, code in enumerate((0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999), 1):
    case("7.9.%d" % index, closing([close(code)], codes=(1002,)))
for index, code in enumerate((5000, 65535), 1):
    case("7.13.%d" % index, closing([close(code)], codes=(1000, code, 1002)))


# -- 9: large messages, many fragments, many pieces, many messages
def repeated(pattern, size):
    return (pattern * (size // len(pattern) + 1))[:size]


def pieces_of(opcode, payload, size, rsv=0):
    starts = range(0, max(len(payload), 1), size)
    return b"".join(frame(0 if at else opcode, payload[at:at + size], fin=at + size >= len(payload), rsv=0 if at else rsv)
                    for at in starts)


BIG = 8 if QUICK else 1
for index, size in enumerate((64 << 10, 256 << 10, 1 << 20, 4 << 20, 8 << 20, 16 << 20), 1):
    size = size // BIG if size > 1 << 20 else size
    case("9.1.%d" % index, exchange([frame(TEXT, repeated(b"BAsd7&jh23", size))], [text(repeated(b"BAsd7&jh23", size))]))
    data = repeated(b"\x00\xfe\x23\xfa\xf0", size)
    case("9.2.%d" % index, exchange([frame(BINARY, data)], [binary(data)]))
for index, size in enumerate((64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20), 1):
    data = b"*" * ((4 << 20) // BIG)
    case("9.3.%d" % index, exchange([pieces_of(TEXT, data, size)], [text(data)]))
    data = b"\xfe" * ((4 << 20) // BIG)
    case("9.4.%d" % index, exchange([pieces_of(BINARY, data, size)], [binary(data)]))
for index, size in enumerate((64, 128, 256, 512, 1024, 2048), 1):
    data = repeated(b"BAsd7&jh23", (1 << 20) // BIG)
    case("9.5.%d" % index, exchange([frame(TEXT, data)], [text(data)], chop=size))
    data = repeated(b"\x00\xfe\x23\xfa\xf0", (1 << 20) // BIG)
    case("9.6.%d" % index, exchange([frame(BINARY, data)], [binary(data)], chop=size))
for group, opcode, kind, byte in ((7, TEXT, text, b"*"), (8, BINARY, binary, b"\xfe")):
    for index, size in enumerate((0, 16, 64, 256, 1024, 4096), 1):
        def many(client, opcode=opcode, payload=byte * size, kind=kind):
            for _ in range(50 if QUICK else 1000):
                client.send(frame(opcode, payload))
                expect(client, kind(payload))
        case("9.%d.%d" % (group, index), many)

# -- 10: automatic fragments
case("10.1.1", exchange([pieces_of(TEXT, b"*" * 65536, 1300)], [text(b"*" * 65536)]))

# -- 12, 13: compression
random.seed(1)
words = ["nest", "box", "runs", "other", "people", "code", "safely", "at", "once", "\u00e4pfel", "\u20ac"]
sentence = " ".join(random.choice(words) for _ in range(60000)).encode()
picture = bytes(int(128 + 100 * ((x * y) % 97) / 97) & 255 for y in range(512) for x in range(512))
objects = json.dumps([{"id": n, "name": random.choice(words), "value": random.random()} for n in range(6000)]).encode()
page = ("<html><body>" + "".join("<p class=x%d>%s</p>\n" % (n % 7, random.choice(words)) for n in range(16000))).encode()
noise = bytes(random.randrange(256) for _ in range(150000)) + sentence
objects, page = objects.decode(), page.decode()
DATA = [(objects, TEXT), (picture, BINARY), (sentence, BINARY), (page, TEXT), (noise, BINARY)]
SIZES = [(16, 0), (64, 0), (256, 0), (1024, 0), (4096, 0), (8192, 0), (16384, 0), (32768, 0), (65536, 0), (131072, 0),
         (8192, 256), (16384, 256), (32768, 256), (65536, 256), (131072, 256), (131072, 1024), (131072, 4096), (131072, 32768)]


def offer(no_takeover, bits):
    parts = ["permessage-deflate", "client_no_context_takeover", "client_max_window_bits"]
    if no_takeover:
        parts.append("server_no_context_takeover")
    if bits:
        parts.append("server_max_window_bits=%d" % bits)
    return "; ".join(parts)


def slices(data, size):
    """Pieces of as many bytes, or of as many characters of a text, around and around."""
    at = 0
    while True:
        piece = data[at:at + size] + data[:max(at + size - len(data), 0)]
        at = (at + size) % len(data)
        yield piece if isinstance(piece, bytes) else piece.encode()


def compressed(data, kind, size, fragment, bits):
    def body(client):
        if not client.extension or client.extension[0] != "permessage-deflate":
            raise Failed("no compression: %r" % client.extension)
        parameters = dict(part.partition("=")[::2] for part in client.extension[1:])
        if bits and parameters.get("server_max_window_bits") != str(bits):
            raise Failed("the window was not agreed on: %r" % parameters)
        client.inflater = bits or 15
        takes_over = "client_no_context_takeover" not in parameters
        deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
        source = slices(data, size)
        for _ in range(3 if QUICK else 1000):
            payload = next(source)
            if not takes_over:
                deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
            squeezed = deflater.compress(payload) + deflater.flush(zlib.Z_SYNC_FLUSH)
            client.send(pieces_of(kind, squeezed[:-4] or b"\0", fragment or 1 << 30, rsv=4))
            expect(client, ("message", payload, kind == BINARY))
    return body


for group, (data, kind) in enumerate(DATA, 1):
    for index, (size, fragment) in enumerate(SIZES, 1):
        case("12.%d.%d" % (group, index), compressed(data, kind, size, fragment, 0), [offer(False, 0)])
OFFERS = [(False, 0), (True, 0), (False, 9), (False, 15), (True, 9), (True, 15)]
for group, (no_takeover, bits) in enumerate(OFFERS, 1):
    for index, (size, fragment) in enumerate(SIZES, 1):
        case("13.%d.%d" % (group, index), compressed(objects, TEXT, size, fragment, bits), [offer(no_takeover, bits)])
# Several offers: the first that can be met is taken.
several = [offer(True, 9), offer(True, 0), offer(False, 0)]
for index, (size, fragment) in enumerate(SIZES, 1):
    case("13.7.%d" % index, compressed(objects, TEXT, size, fragment, 9), several)

print(json.dumps(results))
sys.exit(1 if results["failed"] or results["unclean"] else 0)
