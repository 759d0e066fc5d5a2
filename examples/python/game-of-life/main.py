from collections import Counter
from itertools import product

WIDTH, HEIGHT = 12, 6
AROUND = [step for step in product((-1, 0, 1), repeat=2) if step != (0, 0)]


def step(living):
    neighbours = Counter(
        ((x + dx) % WIDTH, (y + dy) % HEIGHT) for x, y in living for dx, dy in AROUND
    )
    return {
        cell
        for cell, count in neighbours.items()
        if count == 3 or (count == 2 and cell in living)
    }


def show(living):
    for y in range(HEIGHT):
        print("".join("#" if (x, y) in living else "." for x in range(WIDTH)))
    print()


cells = {(1, 0), (2, 1), (0, 2), (1, 2), (2, 2)}
for generation in range(9):
    if generation % 4 == 0:
        show(cells)
    cells = step(cells)
