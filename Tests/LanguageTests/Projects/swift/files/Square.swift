struct Square {
    let side: Int
    var area: Int { side * side }
}
