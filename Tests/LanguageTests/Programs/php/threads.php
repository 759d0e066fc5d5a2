<?php
declare(strict_types=1);

// PHP's command line has neither threads nor pcntl: four processes, each of which says its sum through a pipe.
$work = '$worker = (int) $argv[1]; echo array_sum(range(1000 * $worker + 1, 1000 * ($worker + 1)));';

$pipes = [];
$processes = [];
foreach (range(0, 3) as $worker) {
    $command = [PHP_BINARY, '-r', $work, '--', (string) $worker];
    $processes[] = proc_open($command, [1 => ['pipe', 'w']], $ends);
    $pipes[] = $ends[1];
}

$sums = array_map(fn ($pipe) => (int) stream_get_contents($pipe), $pipes);
array_map('proc_close', $processes);
foreach ($sums as $worker => $sum) {
    echo "worker $worker: $sum\n";
}
echo 'total: ', array_sum($sums), "\n";
