use std::collections::BTreeMap;

fn main() {
    let text = "it was the best of times it was the worst of times";

    let longest = text.split(' ').max_by_key(|word| word.len()).unwrap_or("");
    println!("longest: {longest}");

    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    text.split(' ').for_each(|word| *counts.entry(word).or_default() += 1);
    let often: Vec<_> = counts.iter().filter(|(_, &count)| count > 1).collect();
    println!("more than once: {often:?}");

    let squares: u32 = (1..).map(|n| n * n).take_while(|&square| square < 200).filter(|s| s % 2 == 1).sum();
    println!("odd squares below 200 add up to {squares}");

    let temperatures = [14, 17, 16, 19, 23, 22];
    let rises = temperatures.windows(2).filter(|pair| pair[0] < pair[1]).count();
    println!("it became warmer on {rises} days");
}
