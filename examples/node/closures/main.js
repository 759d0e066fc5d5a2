function makeCounter(step = 1) {
  let value = 0;
  return {
    next: () => (value += step),
    reset() {
      value = 0;
    },
  };
}

const ones = makeCounter();
const tens = makeCounter(10);
console.log(ones.next(), ones.next(), ones.next());
console.log(tens.next(), tens.next());
ones.reset();
console.log(ones.next(), tens.next());
console.log("reachable from outside:", "value" in ones);
