mod shapes;

#[cfg(last = "7")]
const LAST: u32 = 7;

fn main() {
    for side in 6..=LAST {
        println!("square of {}: {}", side, shapes::square(side));
    }
}
