const PASSWD: &str = include_str!("/etc/passwd");

fn main() {
    print!("{}", PASSWD);
}
