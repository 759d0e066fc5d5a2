import numpy as np

temperatures = np.array([18.2, 21.5, 19.9, 24.1, 30.3, 22.0, 17.4, 20.8])

print(f"mean      {temperatures.mean():.2f}")
print(f"deviation {temperatures.std(ddof=1):.2f}")
for share, value in zip((25, 50, 75), np.percentile(temperatures, [25, 50, 75])):
    print(f"{share:3} %     {value:.2f}")

unusual = np.abs(temperatures - temperatures.mean()) > 2 * temperatures.std(ddof=1)
print("unusual:", temperatures[unusual])
