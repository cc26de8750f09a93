/* tslint:disable */
/* eslint-disable */

/**
 * A text that grows, and the HTML of its top-level blocks.
 */
export class Document {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Says that nothing follows: with the blocks returned (as by [`Document::push`]) they are exactly those of the
     * whole text.
     */
    finish(): string[];
    /**
     * An empty document. `anchor` goes into the ids of footnotes, so that two documents on one page do not collide;
     * everything but ASCII letters, digits and `-` is dropped from it.
     */
    constructor(anchor: string);
    /**
     * Adds text that has just arrived and returns the HTML of every block from index [`Document::kept`] on; the blocks
     * before it did not change. A last line that could still turn the block above it into something else is held back
     * until more arrives or [`Document::finish`] is called; what is half written is shown as it will be once it is whole.
     */
    push(chunk: string): string[];
    /**
     * How many leading blocks the last call left as they were.
     */
    readonly kept: number;
}

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly __wbg_document_free: (a: number, b: number) => void;
    readonly document_finish: (a: number) => [number, number];
    readonly document_kept: (a: number) => number;
    readonly document_new: (a: number, b: number) => number;
    readonly document_push: (a: number, b: number, c: number) => [number, number];
    readonly __wbindgen_externrefs: WebAssembly.Table;
    readonly __wbindgen_export: (a: number, b: number) => void;
    readonly __wbindgen_export2: (a: number, b: number, c: number) => void;
    readonly __wbindgen_export3: (a: number, b: number) => number;
    readonly __wbindgen_export4: (a: number, b: number, c: number, d: number) => number;
    readonly __wbindgen_start: () => void;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init (module_or_path: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
