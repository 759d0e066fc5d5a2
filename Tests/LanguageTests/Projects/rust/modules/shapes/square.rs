pub struct Square(pub u32);

impl Square {
    pub fn area(&self) -> u32 {
        self.0 * self.0
    }
}
