// What compiling and running common programs loads.
import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import groovy.transform.CompileStatic

interface Shape { double area() }
class Circle implements Shape {
    double radius
    double area() { Math.PI * radius * radius }
    String toString() { "Circle($radius)" }
}
enum Level { LOW, HIGH }
trait Named { String name = 'none' }
class Item implements Named, Comparable<Item> {
    int number
    int compareTo(Item other) { number <=> other.number }
    Item plus(Item other) { new Item(number: number + other.number) }
}

int gcd(int a, int b) { b == 0 ? a : gcd(b, a % b) }

@CompileStatic
long factorial(int n) { n < 2 ? 1L : n * factorial(n - 1) }

def reader = System.in.newReader()
def line = reader.readLine()
def counts = [:].withDefault { 0 }
"$line a b a".split(/\s+/).each { counts[it]++ }
println counts.sort { a, b -> b.value <=> a.value ?: a.key <=> b.key }.collect { k, v -> "$k=$v" }.join(',')
println new Circle(radius: 1).area().round(2) + gcd(12, 18) + factorial(10)
println(([new Item(number: 2), new Item(number: 1)].min() + new Item(number: 3)).number + Level.HIGH.ordinal())
println JsonOutput.toJson([a: 1, b: [1, 2]]) + new JsonSlurper().parseText('{"a": [1, 2.5, "x"]}').a
println((1..10).findAll { it % 2 }.collect { it * it }.inject(0) { sum, n -> sum + n })
println([3, 1, 2].sort(false).reverse() + [1, [2, 3]].flatten() + ['a', 'b'].collectEntries { [it, 1] }.keySet())
printf('%05d %s %.2f%n', 1, 'a', 2.5d)
def (x, y) = [1, 2]
switch (x) {
    case 1..3: println 'range'; break
    case ~/a.*/: println 'pattern'; break
    default: println 'other'
}
try { [1, 2].get(5) } catch (IndexOutOfBoundsException e) { println e.class.simpleName } finally { println y }
try { assert x == 2 } catch (AssertionError e) { println e.message.readLines().size() }
println(null?.length() ?: 'none')
println 2**70 + 1.5G
for (int i = 0; i < 2; i++) { if (i == 0) continue; println i }
def text = '''one
two'''
text.eachLine { println it.toUpperCase().padLeft(5) }
println(text =~ /o(\w)/ ? 'found' : 'no')
Thread.start { println new Random(1).nextInt(1) }.join()
new File('training.txt').text = text
println new File('training.txt').readLines().size()
println new Date(0).time + [1, 2, 3].groupBy { it % 2 }.size()
def fib
fib = { n -> n < 2 ? n : fib(n - 1) + fib(n - 2) }.memoize()
println fib(20)
