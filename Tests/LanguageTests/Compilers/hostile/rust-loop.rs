const ENDLESS: u64 = {
    let mut n = 0;
    while n < 2 {
        n = (n + 1) % 2;
    }
    n
};

fn main() {
    println!("{}", ENDLESS);
}
