read -r -p "What is your name? " name
read -r -p "And a number? " number
echo "Hello, $name! $number times 7 is $((number * 7))."
