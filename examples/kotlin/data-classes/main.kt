data class Move(val name: String, val dx: Int, val dy: Int)
data class Robot(val x: Int = 0, val y: Int = 0, val moves: Int = 0) {
    fun after(move: Move) = copy(x = x + move.dx, y = y + move.dy, moves = moves + 1)
}

fun main() {
    val directions = listOf(Move("north", 0, 1), Move("east", 1, 0), Move("south", 0, -1), Move("west", -1, 0))
        .associateBy { it.name.first() }

    val path = "nneesw"
    val robot = path.mapNotNull { directions[it] }.fold(Robot()) { robot, move -> robot.after(move) }
    val (x, y, moves) = robot
    println("after $moves moves at ($x, $y)")
    println("home again: " + (robot.after(directions.getValue('w')).copy(moves = 0) == Robot(0, 1)))
    println(when {
        x == 0 && y == 0 -> "where it started"
        x >= 0 && y >= 0 -> "north-east of the start"
        else -> "somewhere else"
    })
}
