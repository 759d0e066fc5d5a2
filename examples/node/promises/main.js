const { setTimeout: sleep } = require("node:timers/promises");

async function work(name, milliseconds) {
  await sleep(milliseconds);
  if (name === "broken") throw new Error(`${name} could not be done`);
  return name;
}

async function main() {
  console.log("first:", await Promise.race([work("slow", 200), work("quick", 20)]));
  console.log("all:", await Promise.all([work("a", 60), work("b", 20), work("c", 40)]));

  const results = await Promise.allSettled([work("fine", 20), work("broken", 10)]);
  for (const { status, value, reason } of results) {
    console.log(status + ":", value ?? reason.message);
  }
}

main();
