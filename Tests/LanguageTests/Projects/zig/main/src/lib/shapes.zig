pub fn square(side: usize) usize {
    return side * side;
}
