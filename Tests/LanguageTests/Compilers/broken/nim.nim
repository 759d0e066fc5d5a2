let text = "a"
echo text, answer
