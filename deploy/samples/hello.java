import java.util.Scanner;
import java.util.stream.Stream;

public class Main {
    record Greeting(String name, int answer) {}

    public static void main(String[] arguments) {
        var name = new Scanner(System.in).next();
        var greeting = new Greeting(name, Stream.of(2, 3, 7).reduce(1, (left, right) -> left * right));
        System.out.printf("hello %s from Java: %d%n", greeting.name(), greeting.answer());
    }
}
