# Reads its own table, so that nothing has to be given to it.
BEGIN {
    while ((getline < "expenses.txt") > 0) {
        if ($0 ~ /^#/ || NF < 3) continue
        sum[$2] += $3
        count[$2]++
        total += $3
    }
    PROCINFO["sorted_in"] = "@val_num_desc"
    for (who in sum) printf "%-6s %8.2f  in %d payments\n", who, sum[who], count[who]
    printf "%-6s %8.2f\n", "all", total
}
