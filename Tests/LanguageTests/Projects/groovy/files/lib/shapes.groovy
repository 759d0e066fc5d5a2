class Shapes {
    int square(int side) { side * side }
}

new Shapes()
