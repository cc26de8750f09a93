/** What is computed for a form of the API's page: which operations have one, what stands in it, and what is sent, as an address and for `curl`. */

export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  minimum?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  oneOf?: Schema[];
  enum?: unknown[];
  examples?: unknown[];
}

export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema: Schema;
}

export interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  /** Without it a token is needed; an empty entry says that it is not. */
  security?: object[];
}

/** What is read of `openapi.json`. */
export interface Contract {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

/** A parameter as it is filled in. */
export type Filled = Pick<Parameter, "name" | "in"> & { value: string };

/**
 * Operations without a form: what ends an account or is an operator's to do, what needs more than a request (a cookie, an authenticator, a
 * provider, a key made of a password, a socket), and pages.
 */
const WITHOUT_FORM =
  /^DELETE \/api\/v1\/me$|^(?!GET )\w+ .*\/admin\/|\/auth\/(?!guest|handover)|^POST .*\/me\/(?:passkeys|identities|password)$|\/ws$|^GET \/(?:embed|s|status)\b/;

/** Whether an operation, such as `GET /api/v1/me`, has a form. */
export const hasForm = (operation: string): boolean => !WITHOUT_FORM.test(operation);

/** A value that fits a schema: its example, or what it requires and has an example for. */
export function exampleOf(schema: Schema, schemas: Contract["components"]["schemas"]): unknown {
  const { $ref, type, format, properties, required = [], items, oneOf } = schema;
  const given = [...(schema.examples ?? []), ...(schema.enum ?? [])];
  if (given.length > 0) return given[0];
  const named = schemas[$ref?.split("/").pop() ?? ""];
  if (named) return exampleOf(named, schemas);
  const [either] = oneOf ?? [];
  if (either) return exampleOf(either, schemas);
  switch (typeof type === "string" ? type : type?.[0]) {
    case "object":
      return Object.fromEntries(
        Object.entries(properties ?? {})
          .filter(([name, { examples }]) => required.includes(name) || examples)
          .map(([name, property]) => [name, exampleOf(property, schemas)]),
      );
    case "array":
      return items ? [exampleOf(items, schemas)] : [];
    case "boolean":
      return true;
    case "integer":
    case "number":
      return schema.minimum ?? 1;
    default:
      return format === "uuid" ? "00000000-0000-0000-0000-000000000000" : "…";
  }
}

/** The path and query that are asked. A value stays in its own segment, whatever is in it. */
export function addressOf(path: string, filled: Filled[]): string {
  const query = new URLSearchParams();
  for (const { name, in: place, value } of filled) {
    if (place === "query" && value !== "") query.append(name, value);
    // Dots alone would be a way up, also when they are encoded.
    const segment = encodeURIComponent(value.toWellFormed()).replace(/^\.+$/, "");
    if (place === "path") path = path.replace(`{${name}}`, () => segment);
  }
  return query.size > 0 ? `${path}?${query.toString()}` : path;
}

/** A text as one word of a POSIX shell. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** The command for a shell. The token itself is not in it: what is copied is often shown to others. */
export function curlOf(
  method: string,
  url: string,
  hasToken: boolean,
  headers: Iterable<[string, string]>,
  body: string,
): string {
  const lines = [`curl -N -X ${method} ${quoted(url)}`];
  if (hasToken) lines.push('-H "Authorization: Bearer $TOKEN"');
  for (const header of headers) lines.push(`-H ${quoted(header.join(": "))}`);
  // Not --data: that reads a file where the body begins with an @.
  if (body !== "") lines.push(`--data-raw ${quoted(body)}`);
  return lines.join(" \\\n  ");
}
