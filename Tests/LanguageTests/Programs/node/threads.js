const { Worker, isMainThread, parentPort, workerData } = require("worker_threads");

function start(worker) {
  return new Promise((resolve, reject) => {
    new Worker(__filename, { workerData: worker }).once("message", resolve).once("error", reject);
  });
}

async function main() {
  const sums = await Promise.all([0, 1, 2, 3].map(start));
  sums.forEach((sum, worker) => console.log(`worker ${worker}: ${sum}`));
  console.log(`total: ${sums.reduce((a, b) => a + b)}`);
}

if (isMainThread) {
  main();
} else {
  let sum = 0;
  for (let n = 1000 * workerData + 1; n <= 1000 * (workerData + 1); n++) sum += n;
  parentPort.postMessage(sum);
}
