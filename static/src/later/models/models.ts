/** What the page shows of models where visitors may choose among them: one file, because its parts share what was chosen. */
export { GivenBy } from "./GivenBy.tsx";
export { Picker } from "./Picker.tsx";
