public class Main {
    public static void main(String[] arguments) throws InterruptedException {
        var sums = new int[4];
        var workers = new Thread[4];
        for (int i = 0; i < 4; i++) {
            final int worker = i;
            workers[i] = new Thread(() -> {
                for (int n = 1000 * worker + 1; n <= 1000 * (worker + 1); n++) sums[worker] += n;
            });
            workers[i].start();
        }
        for (var worker : workers) worker.join();
        int total = 0;
        for (int i = 0; i < 4; i++) {
            System.out.println("worker " + i + ": " + sums[i]);
            total += sums[i];
        }
        System.out.println("total: " + total);
    }
}
