import geometry.square

fun main() {
    for (side in sides) println("square of $side: ${square(side)}")
}
