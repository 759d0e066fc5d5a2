import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;

public class Main {
    static boolean isPrime(int number) {
        if (number < 2) return false;
        for (int divisor = 2; divisor * divisor <= number; divisor++)
            if (number % divisor == 0) return false;
        return true;
    }

    static int primes(int from, int to) {
        int count = 0;
        for (int number = from; number < to; number++) if (isPrime(number)) count++;
        return count;
    }

    public static void main(String[] args) throws Exception {
        var pool = Executors.newFixedThreadPool(4);
        List<Callable<Integer>> tasks = new ArrayList<>();
        for (int part = 0; part < 5; part++) {
            int from = part * 20_000;
            tasks.add(() -> primes(from, from + 20_000));
        }
        int total = 0;
        for (var result : pool.invokeAll(tasks)) {
            System.out.println(result.get() + " primes in a part");
            total += result.get();
        }
        pool.shutdown();
        System.out.println(total + " primes below 100000");
    }
}
