namespace Geometry {
    public class Square {
        private int side;
        public Square(int side) { this.side = side; }
        public string to_string() { return @"square of $side: $(side * side)"; }
    }
}
