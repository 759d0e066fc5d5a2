export type Side = 6 | 7;

export const square = (side: Side): number => side * side;
