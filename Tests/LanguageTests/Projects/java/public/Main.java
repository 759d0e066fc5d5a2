public class GenerateOTP {
    public static void main(String[] arguments) {
        System.out.println("otp " + Numbers.SIX);
    }
}
