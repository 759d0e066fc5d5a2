<?php
declare(strict_types=1);

/** What the password lacks: "8 characters", "a digit", "a capital". */
function missing(string $password): array
{
    $rules = [
        '8 characters' => mb_strlen($password) >= 8,
        'a digit' => preg_match('/[0-9]/', $password) === 1,
        'a capital' => preg_match('/[A-Z]/', $password) === 1,
    ];
    return array_keys(array_filter($rules, fn (bool $holds): bool => !$holds));
}

$missing = missing(rtrim((string) fgets(STDIN), "\n"));
echo $missing === [] ? "good\n" : implode("\n", $missing) . "\n";
