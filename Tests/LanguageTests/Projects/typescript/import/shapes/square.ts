import type { Shape } from "./shape";

export class Square implements Shape {
  constructor(private readonly side: number) {}

  get area(): number {
    return this.side * this.side;
  }
}
