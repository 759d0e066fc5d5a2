use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};

fn write(name: &str) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(name)?);
    for n in 1..=1000 {
        writeln!(out, "line {}", n)?;
    }
    out.flush()
}

fn main() -> io::Result<()> {
    write("lines.txt")?;
    let mut lines = 0;
    for line in BufReader::new(File::open("lines.txt")?).lines() {
        line?;
        lines += 1;
    }
    println!("{}", lines);
    Ok(())
}
