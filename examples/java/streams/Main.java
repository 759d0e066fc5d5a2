import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

public class Main {
    public static void main(String[] args) {
        List<String> words = Arrays.asList("the quick brown fox jumps over the lazy dog".split(" "));

        var byLength = words.stream().distinct()
            .collect(Collectors.groupingBy(String::length, TreeMap::new, Collectors.joining(", ")));
        byLength.forEach((length, group) -> System.out.println(length + ": " + group));

        var longest = words.stream().max(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
        System.out.println("longest: " + longest.orElse("none"));

        var statistics = words.stream().mapToInt(String::length).summaryStatistics();
        System.out.printf("%d words, %.2f letters each%n", statistics.getCount(), statistics.getAverage());

        var triples = IntStream.rangeClosed(1, 20).boxed()
            .flatMap(a -> IntStream.rangeClosed(a, 20)
                .filter(b -> Math.sqrt(a * a + b * b) % 1 == 0)
                .mapToObj(b -> "%d-%d-%.0f".formatted(a, b, Math.sqrt(a * a + b * b))))
            .limit(5).collect(Collectors.joining(" "));
        System.out.println("right triangles: " + triples);
    }
}
