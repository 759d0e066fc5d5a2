<?php
declare(strict_types=1);

function total(int $number): int
{
    return $number === 0 ? 0 : $number + total($number - 1);
}

echo total(5000), "\n";
