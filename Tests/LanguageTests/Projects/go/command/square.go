package shapes

func Square(side int) int { return side * side }
