const { EventEmitter } = require("node:events");

class Thermometer extends EventEmitter {
  #degrees = 20;

  get degrees() {
    return this.#degrees;
  }

  set degrees(value) {
    const before = this.#degrees;
    if (value === before) return;
    this.#degrees = value;
    this.emit("change", { before, now: value });
    if (before < 30 && value >= 30) this.emit("hot", value);
  }
}

const thermometer = new Thermometer();
thermometer.on("change", ({ before, now }) => console.log(`${before} -> ${now}`));
thermometer.once("hot", (degrees) => console.log(`too hot: ${degrees}`));

for (const degrees of [22, 22, 31, 28, 33]) thermometer.degrees = degrees;
