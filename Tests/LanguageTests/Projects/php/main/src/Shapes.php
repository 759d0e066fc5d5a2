<?php
namespace App;

class Shapes
{
    public static function square(int $side): int
    {
        return $side * $side;
    }
}
