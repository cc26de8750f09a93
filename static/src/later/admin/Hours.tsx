/** What was said and how long it took, hour by hour: two pictures above one another, and the same as a table. */
import { useSignal } from "@preact/signals";
import { Section } from "./Section.tsx";
import { Table } from "./Table.tsx";
import { hoursIn, placeOf, roundedUp, slowest } from "./scale.ts";
import type { Hour, Overview } from "./shapes.ts";
import { words } from "./strings.ts";
import { count, milliseconds, moment } from "./written.ts";

/** The height of a picture in its own units; an hour is one unit wide. */
const HEIGHT = 100;
const MOST_SLOW = 5;

const heads = [words.hour, words.messages, words.failed, words.wait];
const row = ({ at, messages, failed, ttft_p95_ms: wait }: Hour) => [
  moment(at),
  count(messages),
  count(failed),
  milliseconds(wait),
];

export function Hours({ hours, from, to }: Pick<Overview, "hours" | "from" | "to">) {
  const isOpen = useSignal(false);
  const many = hoursIn(from, to);
  const most = roundedUp(Math.max(0, ...hours.map(({ messages }) => messages)));
  const longest = roundedUp(Math.max(0, ...hours.map(({ ttft_p95_ms: wait }) => wait ?? 0)));
  const busy = hours.filter(({ messages }) => messages > 0);
  const x = (hour: Hour) => placeOf(hour, from);
  return (
    <>
      <Section id="admin-hours" title={words.hours} isWide>
        {busy.length === 0 ? (
          <p class="hint">{words.nothing}</p>
        ) : (
          <>
            <p class="admin-legend">
              <i class="admin-key-messages" /> {words.legend.messages}, <i class="admin-key-failed" />{" "}
              {words.legend.failed}
            </p>
            <Picture label={words.hoursPicture(count(most))} top={count(most)} many={many}>
              {busy.map((hour) => (
                <g key={hour.at}>
                  <Column name="messages" x={x(hour)} share={hour.messages / most} />
                  <Column name="failed" x={x(hour)} share={hour.failed / most} />
                </g>
              ))}
            </Picture>
            <p class="admin-legend">
              <i class="admin-key-wait" /> {words.legend.wait}
            </p>
            <Picture label={words.waitsPicture(milliseconds(longest))} top={milliseconds(longest)} many={many}>
              {busy.map((hour) => (
                <Column key={hour.at} name="wait" x={x(hour)} share={(hour.ttft_p95_ms ?? 0) / longest} />
              ))}
            </Picture>
            <p class="admin-ends">
              <span>{moment(from)}</span> <span>{moment(to)}</span>
            </p>
            <details onToggle={({ currentTarget }) => (isOpen.value = currentTarget.open)}>
              <summary>{words.asTable}</summary>
              {isOpen.value && (
                <Table id="admin-each-hour" labelledBy="admin-hours" heads={heads} rows={busy.map(row)} />
              )}
            </details>
          </>
        )}
      </Section>
      <Section id="admin-slowest" title={words.slowest} isWide>
        <Table
          id="admin-slow-hours"
          labelledBy="admin-slowest"
          heads={heads}
          rows={slowest(hours, MOST_SLOW).map(row)}
        />
      </Section>
    </>
  );
}

interface PictureProps {
  label: string;
  /** What its upper edge stands for. */
  top: string;
  many: number;
  children: preact.ComponentChildren;
}

function Picture({ label, top, many, children }: PictureProps) {
  return (
    <div class="admin-picture">
      <span aria-hidden="true">{top}</span>
      <svg viewBox={`0 0 ${many} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
        {children}
      </svg>
    </div>
  );
}

function Column({ name, x, share }: { name: "messages" | "failed" | "wait"; x: number; share: number }) {
  const height = HEIGHT * share;
  return <rect class={`admin-${name}`} x={x + 0.1} y={HEIGHT - height} width="0.8" height={height} />;
}
