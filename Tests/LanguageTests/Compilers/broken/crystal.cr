text = "a"
puts text, answer
