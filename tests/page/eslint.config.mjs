// The page's own rules hold for its tests, too.
export { default } from "../../static/eslint.config.js";
