for ((n = 1; n <= 1000; n++)); do
    echo "line $n"
done >lines.txt
mapfile lines <lines.txt
echo "${#lines[@]}"
