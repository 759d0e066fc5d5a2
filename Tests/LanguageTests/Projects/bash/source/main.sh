source shapes/square.sh

for side in 6 7; do
    echo "square of $side: $(area "$side")"
done
