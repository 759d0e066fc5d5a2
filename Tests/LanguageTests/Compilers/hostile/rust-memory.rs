#![recursion_limit = "1000000"]

macro_rules! double {
    ($($word:tt)*) => { double!($($word)* $($word)*) };
}

fn main() {
    double!(x);
}
