LIMIT = 100_000

is_prime = bytearray([1]) * LIMIT
is_prime[0:2] = b"\0\0"
for number in range(2, int(LIMIT**0.5) + 1):
    if is_prime[number]:
        multiples = range(number * number, LIMIT, number)
        is_prime[multiples.start::number] = bytes(len(multiples))

primes = [number for number in range(LIMIT) if is_prime[number]]
print(len(primes), primes[-1])
