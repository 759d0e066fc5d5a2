use std::sync::mpsc;
use std::thread;

fn collatz(start: u64) -> u32 {
    let mut number = start;
    let mut steps = 0;
    while number != 1 {
        number = if number % 2 == 0 { number / 2 } else { 3 * number + 1 };
        steps += 1;
    }
    steps
}

fn main() {
    let (sender, receiver) = mpsc::channel();
    let workers: Vec<_> = (0..4u64)
        .map(|worker| {
            let sender = sender.clone();
            thread::spawn(move || {
                let best = (1..100_000)
                    .skip(worker as usize)
                    .step_by(4)
                    .map(|start| (collatz(start), start))
                    .max();
                sender.send(best).unwrap();
            })
        })
        .collect();
    drop(sender);

    let best = receiver.into_iter().flatten().max();
    for worker in workers {
        worker.join().unwrap();
    }
    if let Some((steps, start)) = best {
        println!("the longest way to 1 below 100000 starts at {start}: {steps} steps");
    }
}
