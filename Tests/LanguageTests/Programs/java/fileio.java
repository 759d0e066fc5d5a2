import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

public class Main {
    public static void main(String[] arguments) throws IOException {
        var path = Path.of("lines.txt");
        Files.write(path, (Iterable<String>) IntStream.rangeClosed(1, 1000).mapToObj(n -> "line " + n)::iterator);
        try (var lines = Files.lines(path)) {
            System.out.println(lines.count());
        }
    }
}
