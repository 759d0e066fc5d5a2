public class Main {
    public static void main(String[] arguments) {
        try {
            Integer.parseInt("12x");
        } catch (NumberFormatException error) {
            System.out.println("caught");
            System.exit(3);
        }
    }
}
