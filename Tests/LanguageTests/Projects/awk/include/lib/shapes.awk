function square(side) { return side * side }
