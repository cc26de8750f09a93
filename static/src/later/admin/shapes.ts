/** What the operator’s part of the API answers, under this page’s own names. */
import type { components } from "../../api/schema.d.ts";

type Schemas = components["schemas"];

/** `GET /admin/overview`. */
export type Overview = Schemas["Overview"];
export type Percentiles = Schemas["Percentiles"];
export type Counted = Schemas["CodeCount"];
export type Hour = Schemas["HourView"];
export type Busy = Schemas["BusyView"];

/** `GET /admin/users/{id}`. */
export type Person = Schemas["Person"];
