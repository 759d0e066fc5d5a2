const { power } = require("./numbers.json");

exports.area = (side) => side ** power;
