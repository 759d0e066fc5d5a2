import geometry.Square

object Main extends App {
  for (side <- Sides.all) println(s"square of $side: ${Square(side).area}")
}
