/** One of a few: radio buttons that look like one switch. */
interface Props<T extends string> {
  name: string;
  legend: string;
  of: readonly T[];
  words: Record<T, string>;
  chosen: T;
  /** What follows from what is chosen. */
  hint?: string;
  onChoose: (one: T) => void;
}

export function Choice<T extends string>({ name, legend, of, words, chosen, hint, onChoose }: Props<T>) {
  // What is beside the page has no ids of the page's own counting.
  const said = `settings-${name}`;
  return (
    <fieldset class="settings-choice" aria-describedby={hint === undefined ? undefined : said}>
      <legend>{legend}</legend>
      <div>
        {of.map((one) => (
          <label key={one}>
            <input type="radio" name={name} value={one} checked={chosen === one} onChange={() => onChoose(one)} />
            <span>{words[one]}</span>
          </label>
        ))}
      </div>
      {hint !== undefined && (
        <p class="hint" id={said}>
          {hint}
        </p>
      )}
    </fieldset>
  );
}
