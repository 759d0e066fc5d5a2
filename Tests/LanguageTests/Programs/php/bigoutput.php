<?php
for ($number = 1; $number <= 150_000; $number++) {
    echo $number, "\n";
}
