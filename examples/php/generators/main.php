<?php
declare(strict_types=1);

function lines(string $path): Generator
{
    $file = fopen($path, 'r') ?: throw new RuntimeException("cannot open $path");
    try {
        while (($line = fgets($file)) !== false) {
            yield rtrim($line, "\n");
        }
    } finally {
        fclose($file);
    }
}

function settings(iterable $lines): Generator
{
    foreach ($lines as $number => $line) {
        if (preg_match('/^\s*(\w+)\s*=\s*(.*?)\s*$/', $line, $match)) {
            yield $match[1] => $match[2];
        } elseif (trim($line) !== '' && $line[0] !== '#') {
            echo 'line ', $number + 1, " is no setting: $line\n";
        }
    }
}

foreach (settings(lines('settings.ini')) as $name => $value) {
    echo "$name is $value\n";
}
