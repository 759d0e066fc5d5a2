import sys

try:
    print(int("12x"))
except ValueError:
    print("caught")
    sys.exit(3)
