proc square {side} { expr {$side * $side} }
