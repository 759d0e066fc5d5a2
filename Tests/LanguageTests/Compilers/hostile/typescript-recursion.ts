type Grow<T extends unknown[]> = T["length"] extends 999999 ? T : Grow<[...T, 1]>;
const n: Grow<[]> = [];
console.log(n);
