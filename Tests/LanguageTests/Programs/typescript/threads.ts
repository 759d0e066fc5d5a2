import { Worker, isMainThread, parentPort, workerData } from "worker_threads";

const start = (worker: number) =>
  new Promise<number>((resolve, reject) => {
    new Worker(__filename, { workerData: worker }).once("message", resolve).once("error", reject);
  });

async function main(): Promise<void> {
  const sums = await Promise.all([0, 1, 2, 3].map(start));
  sums.forEach((sum, worker) => console.log(`worker ${worker}: ${sum}`));
  console.log(`total: ${sums.reduce((a, b) => a + b)}`);
}

function work(worker: number): number {
  let sum = 0;
  for (let n = 1000 * worker + 1; n <= 1000 * (worker + 1); n++) sum += n;
  return sum;
}

if (isMainThread) main();
else parentPort?.postMessage(work(workerData));
