// What compiling and running common programs loads.
import java.util.PriorityQueue
import kotlin.concurrent.thread

interface Shape { val area: Double }
data class Circle(val radius: Double) : Shape { override val area get() = Math.PI * radius * radius }
class Box(private val width: Double, private val height: Double = 1.0) : Shape { override val area: Double = width * height }
sealed class Result {
    data class Good(val value: Int) : Result()
    object Bad : Result()
}
enum class Level(val weight: Int) { LOW(1), HIGH(2) }
class Stack<T> {
    private val items = mutableListOf<T>()
    fun push(item: T) = items.add(item)
    fun pop(): T? = if (items.isEmpty()) null else items.removeAt(items.size - 1)
    companion object { fun <T> of(vararg items: T) = Stack<T>().apply { items.forEach { push(it) } } }
}

fun String.words() = split(Regex("\\s+")).filter { it.isNotBlank() }
fun <T : Comparable<T>> largest(list: List<T>): T = list.max()!!
tailrec fun gcd(a: Int, b: Int): Int = if (b == 0) a else gcd(b, a % b)
fun describe(result: Result) = when (result) {
    is Result.Good -> "good ${result.value}"
    Result.Bad -> "bad"
}
val primes = generateSequence(2) { it + 1 }.filter { n -> (2 until n).none { n % it == 0 } }
val lines by lazy { generateSequence(::readLine).toList() }

fun main() {
    val line = readLine() ?: ""
    val counts = mutableMapOf<String, Int>()
    for (word in "$line a b a".words()) counts[word] = counts.getOrDefault(word, 0) + 1
    println(counts.entries.sortedWith(compareBy({ -it.value }, { it.key })).joinToString(",") { (k, v) -> "$k=$v" })
    val shapes: List<Shape> = listOf(Circle(1.0), Box(2.0, 3.0))
    println("%.2f %s".format(shapes.sumByDouble { it.area }, shapes[0]))
    println(largest(listOf(1, 2)) + gcd(12, 18) + primes.take(5).last() + lines.size)
    val stack = Stack.of(1, 2)
    println((stack.pop() ?: 0) + (stack.pop()?.let { it + 1 } ?: 0) + Level.valueOf("HIGH").weight)
    println(listOf(Result.Good(1), Result.Bad).map(::describe))
    try {
        listOf(1)[3]
    } catch (error: IndexOutOfBoundsException) {
        println(error.message)
    } finally {
        println("done")
    }
    val grid = Array(2) { i -> IntArray(2) { j -> i + j } }
    println(grid.joinToString("\n") { it.joinToString(" ") })
    val queue = PriorityQueue<Pair<Int, String>>(compareBy { it.first })
    queue.add(2 to "b")
    queue += 1 to "a"
    println(queue.poll().second + StringBuilder().append(1).reverse() + buildSequence())
    println((1..10 step 3).groupBy { it % 2 }.mapValues { it.value.size }.toSortedMap())
    println(setOf(1, 2).union(setOf(3)).fold(0) { sum, n -> sum + n } + arrayOf(3, 1, 2).sorted().zip(listOf(1)).size)
    var n = 0
    while (n < 3) n++
    for (i in 3 downTo 1) print(i)
    println("x".toIntOrNull() ?: "a".repeat(2).padStart(4).toUpperCase())
    println(java.math.BigInteger.valueOf(2).pow(70))
    thread { println("thread") }.join()
    java.io.File("training.txt").writeText("one\ntwo\n")
    java.io.File("training.txt").forEachLine { println(it) }
    println(runCatching { require(n == 0) { "no" } }.exceptionOrNull()?.message)
}

fun buildSequence() = sequence { yield(1); yieldAll(listOf(2, 3)) }.toList()
