public class Main {
    enum Size { SMALL, MEDIUM, LARGE }

    record Coffee(String name, Size size, boolean milk) {
        Coffee {
            if (name.isBlank()) throw new IllegalArgumentException("a coffee needs a name");
        }

        int cents() {
            int base = switch (size) {
                case SMALL -> 250;
                case MEDIUM -> 300;
                case LARGE -> 380;
            };
            return base + (milk ? 40 : 0);
        }
    }

    static String text(Coffee coffee) {
        return "%s: %d.%02d".formatted(coffee, coffee.cents() / 100, coffee.cents() % 100);
    }

    public static void main(String[] args) {
        var one = new Coffee("flat white", Size.MEDIUM, true);
        var other = new Coffee("flat white", Size.MEDIUM, true);
        System.out.println(text(one));
        System.out.println(text(new Coffee("ristretto", Size.SMALL, false)));
        System.out.println("equal: " + one.equals(other));
    }
}
