class Stack<Item> {
  private items: Item[] = [];

  push(item: Item): this {
    this.items.push(item);
    return this;
  }

  pop(): Item | undefined {
    return this.items.pop();
  }

  get size(): number {
    return this.items.length;
  }
}

const words = new Stack<string>().push("one").push("two").push("three");
let word: string | undefined;
while ((word = words.pop()) !== undefined) {
  console.log(word.toUpperCase(), "leaves", words.size);
}
// words.push(4) would not compile: Argument of type 'number' is not assignable to parameter of type 'string'.
