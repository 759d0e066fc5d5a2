public class Main {
    static int sum(int n) {
        return n == 0 ? 0 : n + sum(n - 1);
    }

    public static void main(String[] arguments) {
        System.out.println(sum(5000));
    }
}
