const { square } = require("../lib/shapes");
const { sides } = require("../lib/sides.json");

for (const side of sides) console.log(`square of ${side}: ${square(side)}`);
