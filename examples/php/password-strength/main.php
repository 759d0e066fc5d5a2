<?php
declare(strict_types=1);

/** What the password lacks: "8 characters", "a digit", "a capital". */
function missing(string $password): array
{
    // Replace this line: it asks for a capital only.
    return preg_match('/[A-Z]/', $password) ? [] : ['a capital'];
}

$missing = missing(rtrim((string) fgets(STDIN), "\n"));
echo $missing === [] ? "good\n" : implode("\n", $missing) . "\n";
