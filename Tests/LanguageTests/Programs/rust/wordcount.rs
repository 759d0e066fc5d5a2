use std::collections::HashMap;
use std::io::{self, BufRead};

fn main() -> io::Result<()> {
    let (mut lines, mut words) = (0, 0);
    let mut counts: HashMap<String, u32> = HashMap::new();
    for line in io::stdin().lock().lines() {
        lines += 1;
        for word in line?.split_whitespace() {
            words += 1;
            *counts.entry(word.to_string()).or_default() += 1;
        }
    }
    let mut sorted: Vec<_> = counts.into_iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    println!("{} {} {}", lines, words, sorted.len());
    for (word, count) in sorted.iter().take(5) {
        println!("{} {}", count, word);
    }
    Ok(())
}
