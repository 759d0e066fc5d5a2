# Touches every page it takes, until it is ended.
blocks = []
while True:
    blocks.append(bytearray(b"x" * (1 << 20)))
