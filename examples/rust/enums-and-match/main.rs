enum Expression {
    Number(f64),
    Add(Box<Expression>, Box<Expression>),
    Multiply(Box<Expression>, Box<Expression>),
    Negate(Box<Expression>),
}

use Expression::*;

fn value(expression: &Expression) -> f64 {
    match expression {
        Number(number) => *number,
        Add(left, right) => value(left) + value(right),
        Multiply(left, right) => value(left) * value(right),
        Negate(inner) => -value(inner),
    }
}

fn text(expression: &Expression) -> String {
    match expression {
        Number(number) => number.to_string(),
        Add(left, right) => format!("({} + {})", text(left), text(right)),
        Multiply(left, right) => format!("{} * {}", text(left), text(right)),
        Negate(inner) => format!("-{}", text(inner)),
    }
}

fn main() {
    let sum = Add(Box::new(Number(2.0)), Box::new(Negate(Box::new(Number(5.0)))));
    let product = Multiply(Box::new(sum), Box::new(Number(4.5)));
    println!("{} = {}", text(&product), value(&product));
}
