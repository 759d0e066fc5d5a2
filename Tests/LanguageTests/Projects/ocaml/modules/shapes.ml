let product a b = a * b
let square side = product side side
