import pandas as pd

for side in pd.read_csv("data/sides.csv")["side"]:
    print(f"square of {side}: {side * side}")
