/** System, light or dark: three radio buttons that look like one switch. */
import { THEMES, theme } from "../../state/theme.ts";
import { strings } from "../strings.ts";

export function ThemeChoice() {
  return (
    <fieldset class="theme">
      <legend class="unseen">{strings.theme}</legend>
      {THEMES.map((name) => (
        <label key={name}>
          <input
            type="radio"
            name="theme"
            value={name}
            checked={theme.value === name}
            onChange={() => (theme.value = name)}
          />
          <span>{strings.themes[name]}</span>
        </label>
      ))}
    </fieldset>
  );
}
