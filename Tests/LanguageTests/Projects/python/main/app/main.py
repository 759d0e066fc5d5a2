from pathlib import Path

from shapes import square

assert Path.cwd() == Path("/box")
for line in (Path(__file__).parent / "data" / "sides.txt").read_text().split():
    print(f"square of {line}: {square(int(line))}")
