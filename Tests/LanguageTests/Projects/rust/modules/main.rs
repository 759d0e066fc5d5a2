mod shapes;

use shapes::square::Square;

fn main() {
    for side in 6..=7 {
        println!("square of {}: {}", side, Square(side).area());
    }
}
