import shapes.square
from shapes import product

for side in (6, 7):
    print(f"square of {side}: {shapes.square.area(side)}")
assert product(6, 7) == 42
