object Sides {
  val all = List(6, 7)
}
