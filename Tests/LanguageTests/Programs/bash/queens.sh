size=8
solutions=0
columns=()

place() {
    local row=$1 column r
    if ((row == size)); then
        ((solutions++)) || first=$(printf %s "${columns[@]}")
        return
    fi
    for ((column = 1; column <= size; column++)); do
        for ((r = 0; r < row; r++)); do
            ((columns[r] != column && row - r != column - columns[r] && row - r != columns[r] - column)) || continue 2
        done
        columns[row]=$column
        place $((row + 1))
    done
}

place 0
echo "$solutions"
echo "$first"
