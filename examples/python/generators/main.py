from itertools import islice, takewhile


def fibonacci():
    """All Fibonacci numbers, one after the other."""
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


print("first ten:", list(islice(fibonacci(), 10)))
even = (number for number in fibonacci() if number % 2 == 0)
print("even, below 1000:", list(takewhile(lambda number: number < 1000, even)))
