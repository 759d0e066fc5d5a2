import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(0, 2 * np.pi, 200)
for n in (1, 2, 3):
    plt.plot(x, np.sin(n * x) / n, label=f"sin {n}x")
plt.legend()
plt.title("Waves")
plt.show()
