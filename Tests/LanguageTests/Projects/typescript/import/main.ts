import { Square } from "./shapes/square";

for (const side of [6, 7]) console.log(`square of ${side}: ${new Square(side).area}`);
