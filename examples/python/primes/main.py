def primes(limit):
    """All primes up to and including the limit."""
    is_prime = bytearray([0, 0]) + bytearray([1]) * (limit - 1)
    for number in range(2, int(limit**0.5) + 1):
        if is_prime[number]:
            multiples = range(number * number, limit + 1, number)
            is_prime[number * number :: number] = bytes(len(multiples))
    return [number for number in range(limit + 1) if is_prime[number]]


limit = int(input())
found = primes(limit)
print(*found)
print(f"{len(found)} primes up to {limit}")
