/** The words of who answers, and of the models that a visitor may choose among. */
import { told } from "../../text/words.ts";

export const words = told("models", {
  model: "Model",
  by: (model: string) => `Answered by ${model}`,
  /** Of an answer that was given in an earlier visit. */
  other: (model: string, first: string) => `${model} answered, not ${first}.`,
  instead: (chosen: string, model: string) => `${chosen} is not available; ${model} answered.`,
});
