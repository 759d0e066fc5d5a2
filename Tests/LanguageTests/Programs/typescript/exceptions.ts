class Rejected extends Error {
  constructor(readonly text: string, cause: unknown) {
    super(`not a number: ${text}`, { cause });
  }
}

function parse(text: string): bigint {
  try {
    return BigInt(text);
  } catch (error) {
    throw new Rejected(text, error);
  }
}

try {
  console.log(parse("12x"));
} catch (error: unknown) {
  if (!(error instanceof Rejected)) throw error;
  console.log("caught");
  process.exitCode = 3;
}
