const size = 8;

function* solutions(columns = []) {
  const row = columns.length;
  if (row === size) {
    yield columns;
    return;
  }
  for (let column = 1; column <= size; column++) {
    if (columns.every((other, i) => other !== column && Math.abs(other - column) !== row - i)) {
      yield* solutions([...columns, column]);
    }
  }
}

const found = [...solutions()];
console.log(found.length);
console.log(found[0].join(""));
