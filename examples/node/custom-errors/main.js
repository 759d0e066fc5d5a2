class ConfigurationError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = "ConfigurationError";
  }
}

function readPort(text) {
  let settings;
  try {
    settings = JSON.parse(text);
  } catch (error) {
    throw new ConfigurationError("the settings are no JSON", { cause: error });
  }
  const { port } = settings;
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new ConfigurationError(`port: found ${JSON.stringify(port)}, allowed is 1 to 65535`);
  }
  return port;
}

for (const text of ['{"port": 8080}', '{"port": "80"}', "{port: 80}"]) {
  try {
    console.log("port", readPort(text));
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    console.log(`${error.name}: ${error.message}`);
    if (error.cause) console.log(`  because: ${error.cause.name}`);
  }
}
