<?php
declare(strict_types=1);

$stock = ['apples' => 12, 'pears' => 0, 'plums' => 41, 'cherries' => 7];

foreach ($stock as $fruit => $count) {
    printf("%-10s%3d\n", $fruit, $count);
}

$there = array_filter($stock, fn (int $count): bool => $count > 0);
arsort($there);
echo 'most of: ', array_key_first($there), "\n";
echo 'sold out: ', implode(', ', array_keys(array_diff_key($stock, $there))), "\n";
echo 'in all: ', array_sum($stock), "\n";

[$first, , $third] = array_keys($stock);
echo "first and third: $first, $third\n";
