type Columns = readonly number[];

class Board {
  constructor(private readonly size: number) {}

  *solutions(columns: Columns = []): Generator<Columns> {
    if (columns.length === this.size) {
      yield columns;
      return;
    }
    for (let column = 1; column <= this.size; column++) {
      if (this.isSafe(columns, column)) yield* this.solutions([...columns, column]);
    }
  }

  private isSafe(columns: Columns, column: number): boolean {
    return columns.every((other, i) => other !== column && Math.abs(other - column) !== columns.length - i);
  }
}

const found = [...new Board(8).solutions()];
console.log(found.length);
console.log(found[0].join(""));
