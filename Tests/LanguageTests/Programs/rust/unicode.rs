use std::io;

fn main() -> io::Result<()> {
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    let line = line.trim_end_matches('\n');
    println!("{}", line);
    println!("{}", line.chars().count());
    println!("{}", line.len());
    println!("{}", line.chars().rev().collect::<String>());
    let same = line == "Grüße, мир! Ωμέγα 日本語 🦆";
    println!("{}", if same { "same" } else { "different" });
    Ok(())
}
