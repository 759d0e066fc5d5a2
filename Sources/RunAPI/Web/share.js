// Links that contain the program themselves, after the #: the service sees none of it until the user runs the program.
//
// `2z…` is version 2, compressed; `2p…` the same where browsers cannot compress; without a number it is version 1.

const version = 2;
/** Limits of the characters of a link, and of the bytes of its content: links come from other people. */
export const most = { link: 32_000, bytes: 2 ** 20 };

const toText = (bytes) => {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};
const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));

async function through(bytes, transform) {
  const reader = new Blob([bytes]).stream().pipeThrough(transform).getReader();
  const parts = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > most.bytes) throw new Error("This link holds more than a program");
    parts.push(value);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * @param {{language: string, code: string}} value
 * @returns {Promise<string>} the text after the #
 */
export async function encodeShare(value) {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  if (bytes.length > most.bytes) throw new Error("The program and its files are too long for a link");
  const text = typeof CompressionStream === "undefined"
    ? "p" + toText(bytes) : "z" + toText(await through(bytes, new CompressionStream("deflate-raw")));
  if (text.length > most.link) throw new Error("The program and its files are too long for a link");
  return version + text;
}

/** @throws {Error} with a message for the user */
export async function decodeShare(text) {
  const [, number, kind, data] = /^(\d*)([a-z])([\w-]*)$/.exec(text) ?? [];
  if (Number(number) > version) throw new Error("This link was made by a newer version of the page");
  if (kind !== "z" && kind !== "p") throw new Error("This link is broken");
  let value;
  try {
    let bytes = toBytes(data);
    if (kind === "z") bytes = await through(bytes, new DecompressionStream("deflate-raw"));
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw error.message.startsWith("This link") ? error : new Error("This link is broken", { cause: error });
  }
  if (typeof value?.language !== "string" || typeof value.code !== "string") throw new Error("There is no program in this link");
  return value;
}
