static NUMBERS: [u64; 1 << 30] = [1; 1 << 30];

fn main() {
    println!("{}", NUMBERS[5]);
}
