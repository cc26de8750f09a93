/** What the page shows of models: one file, because its parts share what was chosen. */
export { GivenBy } from "./GivenBy.tsx";
export { Picker } from "./Picker.tsx";
