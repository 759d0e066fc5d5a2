// What beginners' programs use of the library. It is compiled and run once while the image is built, and what that
// loads goes into the class archives. What it prints does not matter.
import java.util.*;
import java.util.function.*;
import java.util.stream.*;
import java.math.*;
import java.io.*;

public class Training {
    record P(String n, int v) {}
    enum E { A, B }
    sealed interface S permits X, Y {}
    record X(int a) implements S {}
    record Y(String b) implements S {}
    interface Shape { double area(); }
    static <T extends Comparable<T>> T max(List<T> l) {
        return l.stream().max(Comparator.naturalOrder()).orElseThrow();
    }
    public static void main(String[] args) throws Exception {
        var in = new Scanner("1 2 x\nline\n3");
        int a = in.nextInt(), b = in.nextInt();
        String w = in.next(); in.nextLine(); String line = in.nextLine();
        var r = new BufferedReader(new InputStreamReader(System.in));
        String read = r.readLine();
        Map<String, List<Integer>> m = new HashMap<>();
        for (int i = 0; i < 10; i++) m.computeIfAbsent("k" + i % 3, k -> new ArrayList<>()).add(i);
        TreeMap<String, Integer> t = new TreeMap<>();
        m.forEach((k, v) -> t.put(k, v.stream().mapToInt(Integer::intValue).sum()));
        System.out.println(t + " " + a + b + w + line + read);
        System.out.printf("%d %s %.2f%n", 1, "x", 2.5);
        System.out.println(String.format("%5d|%-5s|%05.1f", 1, "a", 3.14));
        System.out.println(Stream.of(3, 1, 2).sorted().map(String::valueOf).collect(Collectors.joining(",")));
        System.out.println(IntStream.range(0, 5).boxed().collect(Collectors.groupingBy(i -> i % 2)));
        System.out.println(new P("a", 1) + " " + E.valueOf("A") + max(List.of(1, 2)));
        System.out.println(new BigInteger("123").pow(5).mod(BigInteger.TEN));
        System.out.println(new BigDecimal("1.5").add(BigDecimal.ONE));
        PriorityQueue<int[]> q = new PriorityQueue<>((x, y) -> x[0] - y[0]);
        q.add(new int[] {1});
        q.poll();
        Deque<Integer> d = new ArrayDeque<>();
        d.push(1);
        d.pop();
        System.out.println(new LinkedList<>(d).size() + new HashSet<>(d).size() + new LinkedHashMap<>().size());
        Arrays.sort(new int[] {2, 1});
        Collections.sort(new ArrayList<>(List.of("b", "a")));
        StringBuilder s = new StringBuilder();
        s.append(1).reverse();
        System.out.println("a,b".split(",").length + " " + "ab".matches("a.*") + "x".repeat(3));
        Thread th = new Thread(() -> System.out.println("t"));
        th.start();
        th.join();
        Object o = new X(1); if (o instanceof X x && x.a() == 1) System.out.println(x);
        String k = switch (a) { case 1 -> "one"; default -> "many"; };
        try {
            Object[] z = new Object[1];
            z[2] = k;
        } catch (ArrayIndexOutOfBoundsException e) {
            System.out.println(e.getMessage());
        }
        Supplier<Shape> c = () -> () -> Math.PI; System.out.println(c.get().area() + """
            text
            """);
        Optional.of(1).map(v -> v + 1).ifPresent(System.out::println);
        System.out.println(new Random(1).nextInt(5) + System.currentTimeMillis() + System.nanoTime());
    }
}
