# Four processes at once, each with a file to write its sum to.
work() {
    local n sum=0
    for ((n = 1000 * $1 + 1; n <= 1000 * ($1 + 1); n++)); do
        ((sum += n))
    done
    echo "$sum" >"sum.$1"
}
for worker in 0 1 2 3; do
    work "$worker" &
done
wait
total=0
for worker in 0 1 2 3; do
    sum=$(<"sum.$worker")
    echo "worker $worker: $sum"
    ((total += sum))
done
echo "total: $total"
