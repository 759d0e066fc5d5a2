import java.util.Scanner;

public class Main {
    static boolean isValid(String digits) {
        // Replace this line: it looks at the last digit only.
        return digits.endsWith("0");
    }

    public static void main(String[] args) {
        String digits = new Scanner(System.in).nextLine().replace(" ", "");
        System.out.println(isValid(digits) ? "valid" : "invalid");
    }
}
