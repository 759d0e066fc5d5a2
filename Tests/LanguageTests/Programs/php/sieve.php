<?php
declare(strict_types=1);

const LIMIT = 100_000;

$isPrime = array_fill(2, LIMIT - 2, true);
for ($number = 2; $number * $number < LIMIT; $number++) {
    if (!$isPrime[$number]) continue;
    for ($multiple = $number * $number; $multiple < LIMIT; $multiple += $number) {
        $isPrime[$multiple] = false;
    }
}
$primes = array_keys($isPrime, true, true);
echo count($primes), ' ', end($primes), "\n";
