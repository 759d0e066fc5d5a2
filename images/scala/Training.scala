// What compiling and running common programs loads.
import scala.collection.mutable
import scala.concurrent.ExecutionContext.Implicits.global
import scala.concurrent.duration._
import scala.concurrent.{Await, Future}
import scala.io.StdIn
import scala.util.{Failure, Random, Success, Try}

sealed trait Shape { def area: Double }
case class Circle(radius: Double) extends Shape { def area = math.Pi * radius * radius }
case class Box(width: Double, height: Double) extends Shape { def area: Double = width * height }
class Stack[A] {
  private var items: List[A] = Nil
  def push(item: A): Unit = items ::= item
  def pop(): Option[A] = items match {
    case head :: tail => items = tail; Some(head)
    case Nil => None
  }
}
object Level extends Enumeration { val Low, High = Value }

object Training {
  implicit class Words(val text: String) extends AnyVal { def words: Array[String] = text.split("\\s+") }

  def largest[A](list: Seq[A])(implicit order: Ordering[A]): A = list.max

  @annotation.tailrec def gcd(a: Int, b: Int): Int = if (b == 0) a else gcd(b, a % b)

  lazy val primes: Stream[Int] = 2 #:: Stream.from(3, 2).filter(n => primes.takeWhile(p => p * p <= n).forall(n % _ != 0))

  def main(arguments: Array[String]): Unit = {
    val line = StdIn.readLine()
    val counts = mutable.Map.empty[String, Int].withDefaultValue(0)
    for (word <- s"$line a b a".words if word.nonEmpty) counts(word) += 1
    println(counts.toSeq.sortBy { case (word, count) => (-count, word) }.map(_._1).mkString(","))
    val shapes: Vector[Shape] = Vector(Circle(1), Box(2, 3))
    shapes.foreach {
      case Circle(radius) => println(f"$radius%.2f")
      case box: Box => println(box)
    }
    println(shapes.map(_.area).sum.round + largest(List(1, 2)) + gcd(12, 18) + primes.take(5).toList.last)
    val stack = new Stack[Int]
    stack.push(1)
    println(stack.pop().getOrElse(0) + stack.pop().fold(0)(_ + 1))
    println(Try("x".toInt) match { case Success(n) => n; case Failure(error) => error.getMessage })
    val grid = Array.ofDim[Int](2, 2)
    for (i <- 0 until 2; j <- 0 until 2) grid(i)(j) = i + j
    println(grid.map(_.mkString(" ")).mkString("\n") + (1 to 10).grouped(3).map(_.sum).toList.zipWithIndex)
    val queue = mutable.PriorityQueue(3, 1, 2)
    val buffer = mutable.ArrayBuffer(1, 2)
    buffer ++= Set(3, 4).toList
    println(queue.dequeue() + buffer.reduce(_ + _) + BigInt(2).pow(70).toString.length + Level.High.id)
    println(Await.result(Future(new Random(1).nextInt(5) * 0), 5.seconds))
    val thread = new Thread(new Runnable { def run(): Unit = println(Map("a" -> 1).groupBy(_._2)) })
    thread.start()
    thread.join()
    try require(false, "no") catch { case error: IllegalArgumentException => println(error.getMessage) }
    printf("%d %s%n", 1, "a")
    var n = 0
    while (n < 3) n += 1
  }
}
