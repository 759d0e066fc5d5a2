#if SEVEN
    let last = 7
#endif
for side in 6...last { print("square of \(side): \(Square(side: side).area)") }
