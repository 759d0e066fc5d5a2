# Sixteen rows of colours.
for row in {0..15}; do
    for column in {0..15}; do
        printf '\e[48;5;%dm  ' $((row * 16 + column))
    done
    printf '\e[0m\n'
done
