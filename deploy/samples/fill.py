# Fills the sandbox's disk, and fails when it is full.
with open("/tmp/large", "wb", buffering=0) as file:
    while True:
        file.write(b"x" * 65536)
