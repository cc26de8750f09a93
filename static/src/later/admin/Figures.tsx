/** What is known of a span, subject by subject. */
import { Gauge } from "./Gauge.tsx";
import { Hours } from "./Hours.tsx";
import { Section } from "./Section.tsx";
import { Table } from "./Table.tsx";
import { shareOf } from "./scale.ts";
import type { Counted, Overview } from "./shapes.ts";
import { words } from "./strings.ts";
import { NONE, bytes, count, milliseconds, moment, percent, usd } from "./written.ts";

export function Figures({ of }: { of: Overview }) {
  return (
    <>
      <Section id="admin-messages" title={words.messages} isWide>
        <dl class="admin-tiles">
          {Object.entries(words.endings).map(([ending, label]) => (
            <Tile key={ending} label={label} value={count(of.messages[ending as keyof Overview["messages"]])} />
          ))}
          <Tile label={words.success} value={percent(of.success_rate)} />
          <Tile label={words.active} value={count(of.users.active)} />
          <Tile label={words.newGuests} value={count(of.users.new_guests)} />
          <Tile label={words.newAccounts} value={count(of.users.new_accounts)} />
          <Tile label={words.breaker(of.breaker.times_opened)} value={of.breaker.state} />
        </dl>
      </Section>
      <Money models={of.models} budget={of.budget} />
      <Thumbs of={of.feedback} />
      <Waits ttft={of.ttft_ms} duration={of.duration_ms} />
      <Storage of={of.storage} />
      <Codes id="refusals" title={words.refusals} of={of.refusals} />
      <Codes id="failures" title={words.failures} of={of.failures} />
      <Hours hours={of.hours} from={of.from} to={of.to} />
    </>
  );
}

function Tile({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const POINTS = ["p50", "p95", "p99"] as const;

function Waits({ ttft, duration }: { ttft: Overview["ttft_ms"]; duration: Overview["duration_ms"] }) {
  const row = (name: string, of: Overview["ttft_ms"]) => [
    name,
    ...POINTS.map((point) => (of ? milliseconds(of[point]) : NONE)),
  ];
  return (
    <Section id="admin-waits" title={words.waits}>
      <Table
        id="admin-percentiles"
        labelledBy="admin-waits"
        heads={[words.figure, ...POINTS]}
        rows={[row(words.ttft, ttft), row(words.duration, duration)]}
      />
    </Section>
  );
}

function Money({ models, budget }: Pick<Overview, "models" | "budget">) {
  const sum = (of: "answers" | "prompt_tokens" | "completion_tokens" | "usd") =>
    models.reduce((all, model) => all + model[of], 0);
  const rows = models.map((model) => [
    <bdi key="name">{model.model}</bdi>,
    count(model.answers),
    count(model.prompt_tokens),
    count(model.completion_tokens),
    usd(model.usd),
  ]);
  const all = [
    words.all,
    count(sum("answers")),
    count(sum("prompt_tokens")),
    count(sum("completion_tokens")),
    usd(sum("usd")),
  ];
  return (
    <Section id="admin-money" title={words.money} isWide>
      {budget ? (
        <>
          <Gauge used={budget.spent_usd} held={budget.held_usd} of={budget.daily_usd} />
          <p>
            {words.budget(
              usd(budget.spent_usd),
              usd(budget.held_usd),
              usd(Math.max(0, budget.left_usd)),
              usd(budget.daily_usd),
            )}
            . {words.resets(moment(budget.resets_at))}
          </p>
        </>
      ) : (
        <p class="hint">{words.noBudget}</p>
      )}
      <Table
        id="admin-models"
        labelledBy="admin-money"
        heads={[words.model, words.answers, words.promptTokens, words.completionTokens, words.cost]}
        rows={models.length > 1 ? [...rows, all] : rows}
        hasSum={models.length > 1}
      />
    </Section>
  );
}

function Thumbs({ of }: { of: Overview["feedback"] }) {
  return (
    <Section id="admin-feedback" title={words.feedback}>
      <Table
        id="admin-votes"
        labelledBy="admin-feedback"
        heads={[words.model, words.up, words.down]}
        rows={of.map(({ model, up, down }) => [<bdi key="name">{model}</bdi>, count(up), count(down)])}
      />
    </Section>
  );
}

function Codes({ id, title, of }: { id: string; title: string; of: readonly Counted[] }) {
  return (
    <Section id={`admin-${id}`} title={title}>
      <Table
        id={`admin-codes-${id}`}
        labelledBy={`admin-${id}`}
        heads={[words.code, words.count]}
        rows={of.map((one) => [<code key="code">{one.code}</code>, count(one.count)])}
      />
    </Section>
  );
}

function Storage({ of: { bytes: used, limit_bytes: limit, rows } }: { of: Overview["storage"] }) {
  return (
    <Section id="admin-storage" title={words.storage}>
      {limit !== null && <Gauge used={used} of={limit} />}
      <p>
        {limit === null
          ? words.stored(bytes(used), count(rows))
          : words.storedOf(bytes(used), bytes(limit), percent(shareOf(used, limit)), count(rows))}
      </p>
    </Section>
  );
}
