<?php
declare(strict_types=1);

function solutions(int $size, array $columns = []): Generator
{
    $row = count($columns);
    if ($row === $size) {
        yield $columns;
        return;
    }
    for ($column = 1; $column <= $size; $column++) {
        foreach ($columns as $i => $other) {
            if ($other === $column || abs($other - $column) === $row - $i) continue 2;
        }
        yield from solutions($size, [...$columns, $column]);
    }
}

$found = iterator_to_array(solutions(8), false);
echo count($found), "\n", implode($found[0]), "\n";
