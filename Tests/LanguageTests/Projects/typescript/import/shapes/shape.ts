export interface Shape {
  readonly area: number;
}
