<?php
// Press Run, or Ctrl and Enter.
foreach (["red", "green", "blue"] as $index => $colour) {
    echo $index + 1, ". Hello, $colour world!\n";
}
