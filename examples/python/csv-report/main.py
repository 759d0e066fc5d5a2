import csv
from collections import defaultdict

totals = defaultdict(float)
with open("sales.csv", newline="") as file:
    for row in csv.DictReader(file):
        totals[row["region"]] += int(row["units"]) * float(row["price"])

width = max(map(len, totals))
for region, total in sorted(totals.items(), key=lambda item: -item[1]):
    print(f"{region:<{width}}  {total:9.2f}")
print("-" * (width + 11))
print(f"{'all':<{width}}  {sum(totals.values()):9.2f}")
