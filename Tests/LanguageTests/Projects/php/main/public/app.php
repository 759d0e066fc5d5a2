<?php
require __DIR__ . "/../src/Shapes.php";

use App\Shapes;

foreach ([6, 7] as $side) {
    echo "square of $side: ", Shapes::square($side), "\n";
}
