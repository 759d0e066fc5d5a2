public class Main {
    public static void main(String[] arguments) {
        var numbers = new StringBuilder();
        for (int n = 1; n <= 150_000; n++) numbers.append(n).append('\n');
        System.out.print(numbers);
    }
}
