public class Main {
    public static void main(String[] arguments) throws InterruptedException {
        Thread.sleep(200);
        System.out.println("awake");
    }
}
