// Press Run, or Ctrl and Enter.
import java.util.List;

public class Main {
    public static void main(String[] args) {
        int number = 1;
        for (String colour : List.of("red", "green", "blue"))
            System.out.println(number++ + ". Hello, " + colour + " world!");
    }
}
