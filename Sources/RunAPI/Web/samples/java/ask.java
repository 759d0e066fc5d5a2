import java.util.Scanner;

public class Main {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        System.out.print("What is your name? ");
        String name = in.nextLine();
        System.out.print("And a number? ");
        int number = in.nextInt();
        System.out.println("Hello, " + name + "! " + number + " times 7 is " + number * 7 + ".");
    }
}
