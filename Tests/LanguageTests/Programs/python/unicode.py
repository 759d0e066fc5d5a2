SAME = "Grüße, мир! Ωμέγα 日本語 🦆"

line = input()
print(line)
print(len(line))
print(len(line.encode()))
print(line[::-1])
print("same" if line == SAME else "different")
