const name = require("fs").readFileSync(0, "utf8").trim();
const answer = [2, 3, 7].reduce((left, right) => left * right);
setTimeout(() => console.log(JSON.stringify({ hello: name, language: "node", answer })), 10);
