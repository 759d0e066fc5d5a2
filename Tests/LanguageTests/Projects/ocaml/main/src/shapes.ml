let square side = side * side
