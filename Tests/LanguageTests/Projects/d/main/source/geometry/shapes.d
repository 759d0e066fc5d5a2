module geometry.shapes;

int square(int side) {
    return side * side;
}
