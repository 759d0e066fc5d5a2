import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

public class Main {
    public static void main(String[] arguments) throws IOException {
        var utf8 = StandardCharsets.UTF_8;
        String line = new BufferedReader(new InputStreamReader(System.in, utf8)).readLine();
        var out = new PrintStream(System.out, true, utf8);
        out.println(line);
        out.println(line.codePointCount(0, line.length()));
        out.println(line.getBytes(utf8).length);
        out.println(new StringBuilder(line).reverse());
        out.println(line.equals("Grüße, мир! Ωμέγα 日本語 🦆") ? "same" : "different");
    }
}
