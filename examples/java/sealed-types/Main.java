import java.util.Map;

public class Main {
    sealed interface Expression permits Number, Variable, Sum, Product {}
    record Number(int value) implements Expression {}
    record Variable(String name) implements Expression {}
    record Sum(Expression left, Expression right) implements Expression {}
    record Product(Expression left, Expression right) implements Expression {}

    static int value(Expression expression, Map<String, Integer> variables) {
        if (expression instanceof Number number) return number.value();
        if (expression instanceof Variable variable) {
            Integer value = variables.get(variable.name());
            if (value == null) throw new IllegalStateException("no value for " + variable.name());
            return value;
        }
        if (expression instanceof Sum sum) return value(sum.left(), variables) + value(sum.right(), variables);
        var product = (Product) expression;
        return value(product.left(), variables) * value(product.right(), variables);
    }

    static String text(Expression expression) {
        if (expression instanceof Sum sum) return "(" + text(sum.left()) + " + " + text(sum.right()) + ")";
        if (expression instanceof Product product) return text(product.left()) + " * " + text(product.right());
        return expression instanceof Variable variable ? variable.name() : "" + ((Number) expression).value();
    }

    public static void main(String[] args) {
        var expression = new Product(new Number(3), new Sum(new Variable("x"), new Number(4)));
        System.out.println(text(expression));
        for (int x = 0; x < 3; x++) System.out.println("x = " + x + ": " + value(expression, Map.of("x", x)));
        try {
            value(expression, Map.of());
        } catch (IllegalStateException error) {
            System.out.println(error.getMessage());
        }
    }
}
