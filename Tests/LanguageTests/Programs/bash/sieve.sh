limit=100000
count=0
for ((n = 2; n < limit; n++)); do
    [[ -z ${composite[n]} ]] || continue
    ((count++))
    largest=$n
    for ((multiple = n * n; multiple < limit; multiple += n)); do
        composite[multiple]=1
    done
done
echo "$count $largest"
