. "${BASH_SOURCE[0]%/*}/../lib/shapes.sh"

for side in 6 7; do
    echo "square of $side: $(square "$side")"
done
