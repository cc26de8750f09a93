/** The words of the models that a visitor may choose among. */
import { told } from "../../text/words.ts";

export const words = told("models", {
  model: "Model",
  by: (model: string) => `Answered by ${model}`,
  instead: (chosen: string, model: string) => `${chosen} is not available; ${model} answered.`,
});
