import { twice } from "./lib/twice.js";
import three from "./lib/three.js";

const { four } = await import("./lib/four.mjs");
console.log(twice(three) + four, import.meta.url, typeof require);
