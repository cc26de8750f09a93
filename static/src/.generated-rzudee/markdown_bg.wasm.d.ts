/* tslint:disable */
/* eslint-disable */
export const memory: WebAssembly.Memory;
export const __wbg_document_free: (a: number, b: number) => void;
export const document_finish: (a: number) => [number, number];
export const document_kept: (a: number) => number;
export const document_new: (a: number, b: number) => number;
export const document_push: (a: number, b: number, c: number) => [number, number];
export const __wbindgen_externrefs: WebAssembly.Table;
export const __wbindgen_export: (a: number, b: number) => void;
export const __wbindgen_export2: (a: number, b: number, c: number) => void;
export const __wbindgen_export3: (a: number, b: number) => number;
export const __wbindgen_export4: (a: number, b: number, c: number, d: number) => number;
export const __wbindgen_start: () => void;
