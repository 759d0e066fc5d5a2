const fs = require("fs");
const readline = require("readline");

async function main() {
  const file = fs.openSync("lines.txt", "w");
  for (let n = 1; n <= 1000; n++) fs.writeSync(file, `line ${n}\n`);
  fs.closeSync(file);

  let count = 0;
  for await (const _ of readline.createInterface({ input: fs.createReadStream("lines.txt") })) count++;
  console.log(count);
}

main();
