import { open } from "fs/promises";

async function main(): Promise<void> {
  const output = await open("lines.txt", "w");
  for (let n = 1; n <= 1000; n++) await output.write(`line ${n}\n`);
  await output.close();

  const input = await open("lines.txt");
  let count = 0;
  for await (const _ of input.readLines()) count++;
  console.log(count);
}

main();
