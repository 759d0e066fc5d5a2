// The usage of a run: four numbers, and two lines over time.

import { bytes, milliseconds } from "./format.js";

const most = 600;

export class Usage {
  #root;
  #samples = [];

  /** @param {HTMLElement} root the footer */
  constructor(root) {
    this.#root = root;
  }

  clear() {
    this.#samples = [];
    this.#draw();
    for (const name of ["wall", "cpu", "memory", "processes"]) this.#set(name, "–");
  }

  /** A `resource` event. */
  add(event) {
    this.#samples.push(event);
    if (this.#samples.length > most) this.#samples.shift();
    this.#show(event.wall_ms, event.cpu_ms, event.memory_bytes, event.processes);
    this.#draw();
  }

  /** The final usage of a run. */
  end(usage) {
    this.#show(usage.wall_ms, usage.cpu_ms, usage.memory_peak_bytes, usage.processes_peak);
  }

  #set(name, text) {
    this.#root.querySelector(`#u-${name}`).textContent = text;
  }
  #show(wall, cpu, memory, processes) {
    this.#set("wall", milliseconds(wall));
    this.#set("cpu", milliseconds(cpu));
    this.#set("memory", bytes(memory));
    this.#set("processes", processes);
  }

  #draw() {
    const samples = this.#samples;
    this.#root.classList.toggle("live", samples.length > 1);
    const line = (value, top) => samples.map((sample, index) => {
      const x = samples.length > 1 ? (index / (samples.length - 1)) * 240 : 0;
      return `${x.toFixed(1)},${(38 - (top > 0 ? value(sample, index) / top : 0) * 36).toFixed(1)}`;
    }).join(" ");
    const rate = (sample, index) => {
      if (index === 0) return 0;
      const before = samples[index - 1];
      return Math.max(0, (sample.cpu_ms - before.cpu_ms) / Math.max(1, sample.wall_ms - before.wall_ms));
    };
    const memory = Math.max(...samples.map((sample) => sample.memory_bytes), 0);
    this.#root.querySelector("#memory-line").setAttribute("points", line((sample) => sample.memory_bytes, memory));
    this.#root.querySelector("#cpu-line").setAttribute("points", line(rate, Math.max(1, ...samples.map(rate))));
  }
}
