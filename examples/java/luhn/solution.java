import java.util.Scanner;

public class Main {
    static boolean isValid(String digits) {
        int sum = 0;
        for (int place = 0; place < digits.length(); place++) {
            int digit = Character.getNumericValue(digits.charAt(digits.length() - 1 - place));
            if (place % 2 == 1) {
                digit *= 2;
                if (digit > 9) digit -= 9;
            }
            sum += digit;
        }
        return sum % 10 == 0;
    }

    public static void main(String[] args) {
        String digits = new Scanner(System.in).nextLine().replace(" ", "");
        System.out.println(isValid(digits) ? "valid" : "invalid");
    }
}
