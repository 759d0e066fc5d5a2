public class Main {
    static class Connection implements AutoCloseable {
        private final String name;

        Connection(String name) {
            this.name = name;
            System.out.println("  open " + name);
        }

        void send(String text) {
            if (text.isEmpty()) throw new IllegalArgumentException("nothing to send to " + name);
            System.out.println("  " + name + " <- " + text);
        }

        @Override
        public void close() {
            System.out.println("  close " + name);
        }
    }

    static void copy(String text) {
        System.out.println("copy \"" + text + "\"");
        try (var one = new Connection("one"); var two = new Connection("two")) {
            one.send("begin");
            two.send(text);
        } catch (IllegalArgumentException error) {
            System.out.println("  failed: " + error.getMessage());
        } finally {
            System.out.println("  done");
        }
    }

    public static void main(String[] args) {
        copy("hello");
        copy("");
    }
}
