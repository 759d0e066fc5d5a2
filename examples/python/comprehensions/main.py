words = ["apple", "banana", "cherry", "date", "elderberry", "fig"]

lengths = {word: len(word) for word in words}
short = [word for word in words if len(word) <= 5]
initials = {word[0] for word in words}
letters = sum(len(word) for word in words)

print(lengths)
print(short)
print(sorted(initials))
print(letters, "letters in all")
