const readline = require("node:readline");

const terminal = readline.createInterface({ input: process.stdin });
const lines = terminal[Symbol.asyncIterator]();

async function ask(question) {
  process.stdout.write(question);
  return (await lines.next()).value;
}

async function main() {
  const name = await ask("What is your name? ");
  const number = Number(await ask("And a number? "));
  console.log(`Hello, ${name}! ${number} times 7 is ${number * 7}.`);
  terminal.close();
}

main();
