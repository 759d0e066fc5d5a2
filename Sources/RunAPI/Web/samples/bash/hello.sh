# Press Run, or Ctrl and Enter.
for colour in red green blue; do
    echo "Hello, $colour world!"
done
echo "It is $(date +%A)."
