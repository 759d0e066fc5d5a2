for ((n = 1; n <= 150000; n++)); do
    echo "$n"
done
