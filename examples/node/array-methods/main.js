const basket = [
  { name: "bread", price: 2.4, count: 2 },
  { name: "butter", price: 3.1, count: 1 },
  { name: "honey", price: 6.5, count: 1 },
  { name: "apples", price: 0.4, count: 10 },
];

const total = basket.map(({ price, count }) => price * count).reduce((sum, cost) => sum + cost, 0);
const dear = basket.filter(({ price }) => price > 3).map(({ name }) => name);
const byLength = basket.reduce((groups, { name }) => {
  (groups[name.length] ??= []).push(name);
  return groups;
}, {});

console.log("total:", total.toFixed(2));
console.log("dear:", dear.join(", "));
console.log("by length:", byLength);
