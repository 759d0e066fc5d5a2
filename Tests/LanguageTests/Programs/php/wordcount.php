<?php
declare(strict_types=1);

$text = stream_get_contents(STDIN);
$words = preg_split('/\s+/', $text, -1, PREG_SPLIT_NO_EMPTY);
$counts = array_count_values($words);
uksort($counts, fn (string $a, string $b): int => $counts[$b] <=> $counts[$a] ?: strcmp($a, $b));

printf("%d %d %d\n", substr_count($text, "\n"), count($words), count($counts));
foreach (array_slice($counts, 0, 5) as $word => $count) {
    echo "$count $word\n";
}
