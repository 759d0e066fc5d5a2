import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.StringTokenizer;

public class Main {
    public static void main(String[] arguments) throws IOException {
        int lines = 0;
        int words = 0;
        var counts = new HashMap<String, Integer>();
        var input = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = input.readLine()) != null; ) {
            lines++;
            for (var tokens = new StringTokenizer(line); tokens.hasMoreTokens(); words++) {
                counts.merge(tokens.nextToken(), 1, Integer::sum);
            }
        }
        System.out.println(lines + " " + words + " " + counts.size());
        counts.entrySet().stream()
            .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
            .limit(5)
            .forEach(entry -> System.out.println(entry.getValue() + " " + entry.getKey()));
    }
}
