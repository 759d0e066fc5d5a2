import { Side, square } from "./lib/shapes";
import { sides } from "./lib/sides";

sides.forEach((side: Side) => console.log(`square of ${side}: ${square(side)}`));
