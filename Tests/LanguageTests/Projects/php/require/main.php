<?php
require __DIR__ . "/shapes/square.php";

use function Shapes\area;

foreach ([6, 7] as $side) {
    echo "square of $side: ", area($side), "\n";
}
