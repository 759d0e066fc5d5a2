const limit = 100_000;

function sieve(limit: number): number[] {
  const isComposite: boolean[] = new Array<boolean>(limit).fill(false);
  const primes: number[] = [];
  for (let n = 2; n < limit; n++) {
    if (isComposite[n]) continue;
    primes.push(n);
    for (let multiple = n * n; multiple < limit; multiple += n) isComposite[multiple] = true;
  }
  return primes;
}

const primes = sieve(limit);
console.log(primes.length, primes.at(-1));
