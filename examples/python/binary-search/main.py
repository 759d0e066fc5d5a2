def binary_search(values, wanted):
    """The index of wanted in the sorted list, or None."""
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        if values[middle] == wanted:
            return middle
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return None


primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47]
wanted = int(input())
place = binary_search(primes, wanted)
if place is None:
    print(f"{wanted} is not among the primes below 50")
else:
    print(f"{wanted} is prime number {place + 1}")
