const limit = 100_000;

const isPrime = new Uint8Array(limit).fill(1, 2);
for (let n = 2; n * n < limit; n++) {
  if (isPrime[n]) for (let multiple = n * n; multiple < limit; multiple += n) isPrime[multiple] = 0;
}
console.log(isPrime.filter(Boolean).length, isPrime.lastIndexOf(1));
