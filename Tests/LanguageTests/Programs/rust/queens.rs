const SIZE: usize = 8;

fn attacks(columns: &[usize], column: usize) -> bool {
    let row = columns.len();
    columns
        .iter()
        .enumerate()
        .any(|(r, &c)| c == column || row - r == column.abs_diff(c))
}

fn place(columns: &mut Vec<usize>, solutions: &mut Vec<String>) {
    if columns.len() == SIZE {
        solutions.push(columns.iter().map(usize::to_string).collect());
        return;
    }
    for column in 1..=SIZE {
        if !attacks(columns, column) {
            columns.push(column);
            place(columns, solutions);
            columns.pop();
        }
    }
}

fn main() {
    let mut solutions = Vec::new();
    place(&mut Vec::new(), &mut solutions);
    println!("{}\n{}", solutions.len(), solutions[0]);
}
