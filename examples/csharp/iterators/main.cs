using System;
using System.Collections.Generic;
using System.Linq;

static class Program {
    static IEnumerable<long> Collatz(long number) {
        yield return number;
        while (number != 1) {
            number = number % 2 == 0 ? number / 2 : 3 * number + 1;
            yield return number;
        }
    }

    static void Main() {
        Console.WriteLine(string.Join(" ", Collatz(7)));
        Console.WriteLine("27 takes " + (Collatz(27).Count() - 1) + " steps, up to " + Collatz(27).Max());
        var long50 = Enumerable.Range(1, 10000).First(n => Collatz(n).Take(51).Count() > 50);
        Console.WriteLine("the first with 50 steps or more: " + long50);
    }
}
