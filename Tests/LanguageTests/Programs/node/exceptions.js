try {
  console.log(BigInt("12x"));
} catch (error) {
  if (!(error instanceof SyntaxError)) throw error;
  console.log("caught");
  process.exitCode = 3;
}
