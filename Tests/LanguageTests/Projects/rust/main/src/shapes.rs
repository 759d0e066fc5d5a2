mod product;

pub fn square(side: u32) -> u32 {
    product::product(side, side)
}
