int square(int side) { return side * side; }
