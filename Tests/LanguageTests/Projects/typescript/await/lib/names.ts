export { later as first } from "./later";
