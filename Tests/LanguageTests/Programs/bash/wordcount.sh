declare -A counts
lines=0
words=0
while read -r -a line; do
    ((lines++))
    for word in "${line[@]}"; do
        ((words++))
        ((counts[$word]++))
    done
done
echo "$lines $words ${#counts[@]}"
for word in "${!counts[@]}"; do
    echo "${counts[$word]} $word"
done | LC_ALL=C sort -k1,1nr -k2 | head -n 5
