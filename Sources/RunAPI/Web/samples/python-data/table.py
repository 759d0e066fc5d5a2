import pandas as pd

table = pd.DataFrame({
    "city": ["Oslo", "Lima", "Oslo", "Lima", "Nairobi"],
    "degrees": [4.0, 19.5, 7.5, 21.0, 24.0],
})
print(table.groupby("city")["degrees"].agg(["mean", "max"]))
