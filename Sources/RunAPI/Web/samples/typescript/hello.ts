// Press Run, or Ctrl and Enter.
interface Greeting {
  colour: string;
  number: number;
}

const greetings: Greeting[] = ["red", "green", "blue"].map((colour, index) => ({ colour, number: index + 1 }));

for (const { colour, number } of greetings) {
  console.log(`${number}. Hello, ${colour} world!`);
}
