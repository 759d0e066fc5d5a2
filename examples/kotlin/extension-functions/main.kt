fun String.isPalindrome(): Boolean {
    val letters = filter { it.isLetter() }.toLowerCase()
    return letters == letters.reversed()
}

fun <T> List<T>.pairs(): List<Pair<T, T>> = zip(drop(1))

class Page(private val title: String) {
    private val lines = mutableListOf<String>()
    fun line(text: String) { lines += "  $text" }
    override fun toString() = (listOf("[$title]") + lines).joinToString("\n")
}

fun page(title: String, build: Page.() -> Unit): Page = Page(title).apply(build)

fun main() {
    println("Never odd or even".isPalindrome())
    println(listOf(3, 7, 12, 20).pairs().map { (a, b) -> b - a })
    println(page("shopping") {
        line("bread")
        repeat(2) { line("milk $it") }
    })
}
