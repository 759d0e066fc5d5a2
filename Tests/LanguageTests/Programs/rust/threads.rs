use std::thread;

fn main() {
    let workers: Vec<_> = (0..4u64)
        .map(|worker| thread::spawn(move || (1000 * worker + 1..=1000 * (worker + 1)).sum::<u64>()))
        .collect();
    let mut total = 0;
    for (worker, handle) in workers.into_iter().enumerate() {
        let sum = handle.join().expect("a worker panicked");
        println!("worker {}: {}", worker, sum);
        total += sum;
    }
    println!("total: {}", total);
}
