sealed trait Expression
case class Number(value: Int) extends Expression
case class Variable(name: String) extends Expression
case class Sum(left: Expression, right: Expression) extends Expression
case class Product(left: Expression, right: Expression) extends Expression

object Main {
  def simplify(expression: Expression): Expression = expression match {
    case Sum(left, right) => (simplify(left), simplify(right)) match {
      case (Number(a), Number(b)) => Number(a + b)
      case (Number(0), other) => other
      case (other, Number(0)) => other
      case (a, b) => Sum(a, b)
    }
    case Product(left, right) => (simplify(left), simplify(right)) match {
      case (Number(a), Number(b)) => Number(a * b)
      case (Number(0), _) | (_, Number(0)) => Number(0)
      case (Number(1), other) => other
      case (other, Number(1)) => other
      case (a, b) => Product(a, b)
    }
    case other => other
  }

  def main(args: Array[String]): Unit = {
    val x = Variable("x")
    println(simplify(Sum(Product(Number(1), x), Number(0))))
    println(simplify(Product(Sum(Number(2), Number(3)), Sum(x, Number(0)))))
    println(simplify(Product(x, Sum(Number(2), Number(-2)))))
  }
}
