import type { Side } from "./shapes";

export const sides: readonly Side[] = [6, 7];
