import numpy as np

generator = np.random.default_rng(seed=7)
x = np.linspace(0, 10, 21)
y = 2.5 * x + 4 + generator.normal(0, 0.5, x.size)

matrix = np.column_stack([x, np.ones_like(x)])
(slope, offset), residual, rank, _ = np.linalg.lstsq(matrix, y, rcond=None)

print(f"y = {slope:.1f} x + {offset:.0f}")
error = np.sqrt(residual[0] / x.size)
print("typical error below 1:", bool(error < 1))
