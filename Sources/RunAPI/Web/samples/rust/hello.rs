// Press Run, or Ctrl and Enter.
fn main() {
    let colours = ["red", "green", "blue"];
    for (index, colour) in colours.iter().enumerate() {
        println!("{}. Hello, {} world!", index + 1, colour);
    }
}
