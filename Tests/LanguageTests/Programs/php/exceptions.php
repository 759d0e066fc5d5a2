<?php
declare(strict_types=1);

function parse(string $text): int
{
    $number = filter_var($text, FILTER_VALIDATE_INT);
    return $number !== false ? $number : throw new InvalidArgumentException("not a number: $text");
}

try {
    echo parse('12x'), "\n";
} catch (InvalidArgumentException) {
    echo "caught\n";
    exit(3);
}
