struct Wrap<T>(T);
trait Deep { fn deep(&self) -> usize; }
impl<T> Deep for T where Wrap<T>: Deep { fn deep(&self) -> usize { Wrap(1).deep() } }

fn main() {
    println!("{}", 1u8.deep());
}
