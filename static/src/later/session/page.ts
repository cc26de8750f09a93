/** What the page gives to a part that is loaded later. */
import type { ComponentChild, ComponentType } from "preact";

export interface Page {
  /** A text in which quoted titles keep their direction and language. */
  Words: ComponentType<{ of: string }>;
  icon: (name: "pencil" | "bin" | "check") => ComponentChild;
  /** Says what failed, and why. */
  notifyProblem: (text: string) => (thrown: unknown) => void;
}
