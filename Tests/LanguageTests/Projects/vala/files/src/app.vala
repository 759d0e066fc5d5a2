void main() {
    for (var side = 6; side <= 7; side++) {
#if SEVEN
        stdout.printf("%s\n", new Geometry.Square(side).to_string());
#endif
    }
}
