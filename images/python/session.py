"""Starts the driver of a live session for Python: reads it, takes it out of /box, and runs it.

Every session compiles its driver, which is most of the time until it is ready. An interpreter keeps the syntax tree of its main file for
as long as it runs: so that one is short. The rest is compiled a block at a time, each in the memory that the one before has left.
"""

import os
import sys

DRIVER = __file__
cells = more = ""


def run_blocks(text):
    """Executes a text whose blocks are two empty lines apart, among the names of this file."""
    for block in text.split("\n\n\n"):
        exec(compile(block, DRIVER, "exec", dont_inherit=True), globals())


with open("session_cells.py", encoding="utf-8") as file:
    cells = file.read()
with open("session_more.py", encoding="utf-8") as file:
    more = file.read()  # None when it has been compiled: `later`.
for path in (sys.argv[0], "session_cells.py", "session_more.py"):
    try:
        os.unlink(path)  # Nobody needs it any more, and a cell should find its folder empty.
    except OSError:
        pass
del file, path
run_blocks(cells)
