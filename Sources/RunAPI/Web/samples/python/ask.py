import random

secret = random.randint(1, 20)
print("I think of a number from 1 to 20.")

for attempt in range(1, 6):
    guess = int(input("Your guess: "))
    if guess == secret:
        print(f"Right, after {attempt}!")
        break
    print("Too low." if guess < secret else "Too high.")
else:
    print(f"It was {secret}.")
