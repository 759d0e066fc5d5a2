package geometry

fun square(side: Int) = side * side
