/** What is said where something else than text was meant to be sent. */
export const words = {
  noFiles: "Only text can be sent here, no pictures or files.",
};
