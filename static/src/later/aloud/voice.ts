/** The browser's voice, which reads one text at a time. */
import { signal } from "@preact/signals";
import type { Piece } from "./speakable.ts";

/** Which text is read, and whether it pauses. */
export const reading = signal<{ id: string; isPaused: boolean } | null>(null);

/** A voice that has not begun after this time will not, in milliseconds: there is none on this device, or its maker does not answer. */
const LONGEST_SILENCE = 8_000;

export type VoiceFault = "none" | "failed";

let pieces: readonly Piece[] = [];
let at = 0;
let fail: (fault: VoiceFault) => void = () => undefined;
/** The browser forgets an utterance that nobody holds, and its events with it. */
let utterance: SpeechSynthesisUtterance | null = null;
let silence: ReturnType<typeof setTimeout> | undefined;

// Some browsers know their voices only once they were asked.
speechSynthesis.getVoices();
addEventListener("pagehide", stop);

/** Reads out the text `id`, instead of another one. `onFault` is called if it cannot be heard. */
export function read(id: string, text: readonly Piece[], onFault: (fault: VoiceFault) => void): void {
  stop();
  pieces = text;
  at = 0;
  fail = onFault;
  reading.value = { id, isPaused: false };
  speak();
}

/** It goes on with the sentence it was in: some browsers end what is paused, others never go on with it. */
export function pause(): void {
  if (!reading.peek()) return;
  hush();
  reading.value = { id: reading.peek()?.id ?? "", isPaused: true };
}

export function goOn(): void {
  const { value } = reading;
  if (!value?.isPaused) return;
  reading.value = { ...value, isPaused: false };
  speak();
}

export function stop(): void {
  if (!reading.peek()) return;
  hush();
  reading.value = null;
}

/** The voice that will read `lang`, if the browser tells: one on this device before one that is made elsewhere. */
export function voiceFor(lang: string | undefined): SpeechSynthesisVoice | undefined {
  const wanted = (lang ?? document.documentElement.lang).toLowerCase();
  const [language = ""] = wanted.split("-", 1);
  const isOf = (voice: SpeechSynthesisVoice) => voice.lang.toLowerCase().replace("_", "-");
  const score = (voice: SpeechSynthesisVoice) =>
    Number(voice.localService) * 4 + Number(isOf(voice) === wanted) * 2 + Number(voice.default);
  return speechSynthesis
    .getVoices()
    .filter((voice) => isOf(voice).split("-", 1)[0] === language)
    .sort((a, b) => score(b) - score(a))[0];
}

function speak(): void {
  const piece = pieces[at];
  if (!piece) {
    reading.value = null;
    return;
  }
  const next = new SpeechSynthesisUtterance(piece.text);
  utterance = next;
  if (piece.lang) next.lang = piece.lang;
  next.voice = voiceFor(piece.lang) ?? null;
  const isCurrent = () => utterance === next;
  next.onstart = () => clearTimeout(silence);
  next.onend = () => {
    if (!isCurrent()) return;
    clearTimeout(silence);
    at += 1;
    speak();
  };
  next.onerror = () => {
    if (isCurrent()) end("failed");
  };
  silence = setTimeout(() => end("none"), LONGEST_SILENCE);
  speechSynthesis.speak(next);
}

function end(fault: VoiceFault): void {
  stop();
  fail(fault);
}

function hush(): void {
  clearTimeout(silence);
  utterance = null;
  speechSynthesis.cancel();
}
