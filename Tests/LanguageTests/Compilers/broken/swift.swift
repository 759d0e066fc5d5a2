let text = "a"
print(text, answer)
