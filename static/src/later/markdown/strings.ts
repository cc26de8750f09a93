/** The words of an answer that are not the model's. */
export const words = {
  taskDone: "done",
  taskToDo: "to do",
  /** In the head of a code block that names no language. */
  plainCode: "text",
  /** Over what a model thought before it answered. */
  thoughts: "Thoughts",
};
