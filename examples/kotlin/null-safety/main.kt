class Address(val street: String, val town: String?)
class Person(val name: String, val address: Address?)

fun town(person: Person?): String = person?.address?.town?.toUpperCase() ?: "nowhere"

fun main() {
    val people = listOf(
        Person("Ada", Address("St James's Square", "London")),
        Person("Ben", Address("Lane 1", null)),
        Person("Cleo", null),
        null
    )
    for (person in people) println("${person?.name ?: "somebody"} lives in ${town(person)}")

    val lengths: List<Int> = people.mapNotNull { it?.name?.length }
    println(lengths)
}
