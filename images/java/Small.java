// A short program as people send them. While the sandbox of a compiler is parked, it is compiled again and again: that makes
// the parts of javac that such programs need fast.
import java.util.ArrayList;
import java.util.List;

public class Small {
    private static int twice(int number) {
        return 2 * number;
    }

    public static void main(String[] arguments) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < 3; i++) words.add("n" + twice(i));
        if (words.size() == 3) System.out.println(words);
    }
}
