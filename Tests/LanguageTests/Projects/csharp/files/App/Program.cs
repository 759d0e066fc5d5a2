using System;
using Geometry;

class Program {
    static void Main() {
        for (var side = 6;; side++) {
            Console.WriteLine($"square of {side}: {new Square(side).Area}");
#if SEVEN
            if (side == 7) return;
#endif
        }
    }
}
