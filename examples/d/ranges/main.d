import std.algorithm, std.array, std.range, std.stdio, std.string;

bool isPrime(int n) {
    return n > 1 && iota(2, n).until!(d => d * d > n).all!(d => n % d != 0);
}

void main() {
    iota(1, 60).filter!isPrime.chunks(6).each!(row => writeln(row.map!(n => format("%3d", n)).join));

    auto words = "the quick brown fox jumps over the lazy dog".split;
    auto groups = words.dup.sort!((a, b) => a.length < b.length, SwapStrategy.stable)
        .chunkBy!((a, b) => a.length == b.length);
    foreach (group; groups) writeln(group.front.length, ": ", group.uniq.joiner(" "));

    writeln(recurrence!"a[n-1] + a[n-2]"(1, 1).take(10));
}
