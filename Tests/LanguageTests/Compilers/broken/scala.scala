object Main extends App {
  println(answer)
}
