# A call costs bash as much as there are calls open, so five recursions, each 1000 deep, share the
# 5000 numbers. A function returns a status of eight bits, so the sum is in a variable.
sum=0
add() {
    if (($1 > $2)); then
        add $(($1 - 1)) "$2"
        ((sum += $1))
    fi
}
for top in 5000 4000 3000 2000 1000; do
    add "$top" $((top - 1000))
done
echo "$sum"
