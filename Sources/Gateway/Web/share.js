// Links that hold the program themselves, after the #: nothing of it reaches the service until it is run.

const toText = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));

async function through(bytes, transform) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(transform)).arrayBuffer());
}

export async function encodeShare(value) {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  if (typeof CompressionStream === "undefined") return "p" + toText(bytes);
  return "z" + toText(await through(bytes, new CompressionStream("deflate-raw")));
}

export async function decodeShare(text) {
  let bytes = toBytes(text.slice(1));
  if (text[0] === "z") bytes = await through(bytes, new DecompressionStream("deflate-raw"));
  else if (text[0] !== "p") throw new Error("unknown kind of link");
  const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  if (typeof value.language !== "string" || typeof value.code !== "string") throw new Error("no program");
  return value;
}
