# A picture of the Mandelbrot set. What "Keep files" under Options names is shown below.
import struct
import zlib

WIDTH, HEIGHT, STEPS = 360, 240, 60


def steps(point):
    z = 0
    for step in range(STEPS):
        z = z * z + point
        if abs(z) > 2:
            return step
    return STEPS


def colour(step):
    if step == STEPS:
        return bytes(3)
    share = step / STEPS
    return bytes([int(255 * share ** 0.5), int(200 * share), 90 + int(120 * share)])


rows = b""
for y in range(HEIGHT):
    rows += b"\0" + b"".join(
        colour(steps(complex(3 * x / WIDTH - 2.1, 2.2 * y / HEIGHT - 1.1))) for x in range(WIDTH))


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


with open("plot-1.png", "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n")
    file.write(chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)))
    file.write(chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
print("Done:", WIDTH, "by", HEIGHT)
