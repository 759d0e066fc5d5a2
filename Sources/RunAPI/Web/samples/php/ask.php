<?php
echo "What is your name? ";
$name = trim(fgets(STDIN));
echo "And a number? ";
$number = (int) fgets(STDIN);
echo "Hello, $name! $number times 7 is ", $number * 7, ".\n";
