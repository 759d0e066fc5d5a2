import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

public class Main {
    private static final int SIZE = 8;
    private final List<Integer> columns = new ArrayList<>();
    private final List<String> solutions = new ArrayList<>();

    private boolean attacked(int column) {
        for (int row = 0; row < columns.size(); row++) {
            int other = columns.get(row);
            if (other == column || columns.size() - row == Math.abs(column - other)) return true;
        }
        return false;
    }

    private void place() {
        if (columns.size() == SIZE) {
            solutions.add(columns.stream().map(String::valueOf).collect(Collectors.joining()));
            return;
        }
        for (int column = 1; column <= SIZE; column++) {
            if (attacked(column)) continue;
            columns.add(column);
            place();
            columns.remove(columns.size() - 1);
        }
    }

    public static void main(String[] arguments) {
        var board = new Main();
        board.place();
        System.out.println(board.solutions.size());
        System.out.println(board.solutions.get(0));
    }
}
