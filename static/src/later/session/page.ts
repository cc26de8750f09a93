/** What the page gives to a part that is loaded later. */
import type { ComponentChild, ComponentType } from "preact";
import type { Problem } from "../../api/problem.ts";

export interface Page {
  /** A text in which quoted titles keep their direction and language. */
  Words: ComponentType<{ of: string }>;
  icon: (name: "pencil" | "down" | "check") => ComponentChild;
  explain: (problem: Problem) => string;
  /** Says what failed, and why. */
  notifyProblem: (text: string) => (thrown: unknown) => void;
}
