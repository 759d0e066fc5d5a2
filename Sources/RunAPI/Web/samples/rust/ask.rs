use std::io::{stdin, stdout, Write};

fn ask(question: &str) -> String {
    print!("{question} ");
    stdout().flush().unwrap();
    let mut line = String::new();
    stdin().read_line(&mut line).unwrap();
    line.trim().to_string()
}

fn main() {
    let name = ask("What is your name?");
    let number: i64 = ask("And a number?").parse().expect("a whole number");
    println!("Hello, {name}! {number} times 7 is {}.", number * 7);
}
