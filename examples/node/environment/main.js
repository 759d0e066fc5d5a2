const settings = {
  colour: process.env.APP_COLOUR ?? "grey",
  times: Number(process.env.APP_TIMES ?? 1),
  verbose: process.env.APP_VERBOSE === "1",
};

console.log(`${settings.colour} `.repeat(settings.times).trim());
console.log("verbose:", settings.verbose);
