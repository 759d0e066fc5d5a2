use std::io::{self, BufWriter, Write};

fn main() -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for n in 1..=150_000 {
        writeln!(out, "{}", n)?;
    }
    out.flush()
}
