<?php
$name = trim(fgets(STDIN));
echo json_encode(["hello" => $name, "language" => "php", "answer" => array_product([2, 3, 7])]), PHP_EOL;
