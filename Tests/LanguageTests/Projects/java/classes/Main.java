public class Main {
    public static void main(String[] arguments) {
        for (int side = 6; side <= 7; side++) {
            System.out.println("square of " + side + ": " + new Square(side).area());
        }
    }
}
