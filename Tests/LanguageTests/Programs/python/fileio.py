with open("lines.txt", "w") as file:
    for number in range(1, 1001):
        file.write(f"line {number}\n")

with open("lines.txt") as file:
    print(sum(1 for _ in file))
