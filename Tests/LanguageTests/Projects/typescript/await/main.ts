import { readFileSync } from "fs";
import { double } from "./lib";
import * as names from "./lib/names";

const value: number = await Promise.resolve(21);
const { later } = await import("./lib/later");
console.log(double(value), names.first, later, typeof readFileSync, import.meta.url);
