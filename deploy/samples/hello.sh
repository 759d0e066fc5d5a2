read -r name
for word in hello "$name" from bash; do echo "$word"; done | tr '\n' ' ' | sed 's/ $//'
echo ": $((2 * 3 * 7))"
