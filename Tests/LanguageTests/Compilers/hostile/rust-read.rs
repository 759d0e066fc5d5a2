const SHADOW: &str = include_str!("/etc/shadow");

fn main() {
    println!("{}", SHADOW);
}
