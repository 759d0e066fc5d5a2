import java.util.BitSet;

public class Main {
    public static void main(String[] arguments) {
        final int limit = 100_000;
        var prime = new BitSet(limit);
        prime.set(2, limit);
        for (int n = 2; n * n < limit; n = prime.nextSetBit(n + 1)) {
            for (int multiple = n * n; multiple < limit; multiple += n) prime.clear(multiple);
        }
        System.out.println(prime.cardinality() + " " + (prime.length() - 1));
    }
}
