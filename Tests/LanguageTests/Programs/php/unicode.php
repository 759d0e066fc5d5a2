<?php
declare(strict_types=1);

const SAME = 'Grüße, мир! Ωμέγα 日本語 🦆';

$line = rtrim(fgets(STDIN), "\n");
echo $line, "\n";
echo mb_strlen($line), "\n";
echo strlen($line), "\n";
echo implode(array_reverse(mb_str_split($line))), "\n";
echo $line === SAME ? 'same' : 'different', "\n";
