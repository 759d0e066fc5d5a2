read -r line
echo "$line"
echo "${#line}"
bytes() {
    local LC_ALL=C
    echo "${#line}"
}
bytes
reversed=
for ((i = 0; i < ${#line}; i++)); do
    reversed=${line:i:1}$reversed
done
echo "$reversed"
if [[ $line == 'Grüße, мир! Ωμέγα 日本語 🦆' ]]; then echo same; else echo different; fi
