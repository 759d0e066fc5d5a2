import geometry.shapes;
import std.stdio;

void main() {
    version (Seven) enum last = 7;
    foreach (side; 6 .. last + 1) writefln("square of %d: %d", side, side.square);
}
