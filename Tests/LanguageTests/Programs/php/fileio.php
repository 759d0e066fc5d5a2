<?php
declare(strict_types=1);

$file = fopen('lines.txt', 'w');
foreach (range(1, 1000) as $number) {
    fwrite($file, "line $number\n");
}
fclose($file);

$file = fopen('lines.txt', 'r');
for ($count = 0; fgets($file) !== false; $count++);
fclose($file);
echo $count, "\n";
