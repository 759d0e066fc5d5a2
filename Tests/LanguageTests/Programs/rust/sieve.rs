const LIMIT: usize = 100_000;

fn main() {
    let mut composite = vec![false; LIMIT];
    let mut primes = Vec::new();
    for n in 2..LIMIT {
        if composite[n] {
            continue;
        }
        primes.push(n);
        for multiple in (n * n..LIMIT).step_by(n) {
            composite[multiple] = true;
        }
    }
    println!("{} {}", primes.len(), primes[primes.len() - 1]);
}
