import pandas as pd

sales = pd.DataFrame(
    {
        "month": ["Jan", "Jan", "Feb", "Feb", "Feb", "Mar"],
        "product": ["tea", "coffee", "tea", "coffee", "tea", "coffee"],
        "units": [12, 7, 9, 11, 4, 6],
        "price": [3.5, 5.0, 3.5, 5.0, 3.0, 5.5],
    }
).assign(total=lambda table: table["units"] * table["price"])

table = sales.pivot_table(
    index="month", columns="product", values="total", aggfunc="sum", fill_value=0, margins=True, margins_name="all"
)
print(table.reindex(["Jan", "Feb", "Mar", "all"]).to_string())
