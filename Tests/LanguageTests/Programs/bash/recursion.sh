# A function returns a status of eight bits, so the sum is in a variable.
sum=0
add() {
    if (($1 > 0)); then
        add $(($1 - 1))
        ((sum += $1))
    fi
}
add 5000
echo "$sum"
