/** The words of an answer that are not the model's. */
import { told } from "../../text/words.ts";

export const words = told("markdown", {
  taskDone: "done",
  taskToDo: "to do",
  /** In the head of a code block that names no language. */
  plainCode: "text",
  /** Over what a model thought before it answered. */
  thoughts: "Thoughts",
});
