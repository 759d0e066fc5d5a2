macro_rules! again {
    ($($word:tt)*) => { again!(x $($word)*) };
}

fn main() {
    again!();
}
