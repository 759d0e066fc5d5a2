const { area } = require("./shapes/square");

for (const side of [6, 7]) console.log(`square of ${side}: ${area(side)}`);
