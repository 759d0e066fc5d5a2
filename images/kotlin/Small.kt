// A short program as people send them: see images/java/Small.java.
fun twice(number: Int) = 2 * number

fun main() {
    val words = mutableListOf<String>()
    for (i in 0 until 3) words.add("n${twice(i)}")
    if (words.size == 3) println(words.joinToString())
}
