/** What the page uses of the browser's speech recognition, which TypeScript does not know: not every browser has it. */

export interface Recognition extends EventTarget {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  onresult: ((event: { results: ArrayLike<ArrayLike<{ transcript: string }>> }) => void) | null;
  onerror: ((event: { error: string }) => void) | null;
  onend: (() => void) | null;
  start: () => void;
  stop: () => void;
  abort: () => void;
}

interface Browser {
  SpeechRecognition?: new () => Recognition;
  webkitSpeechRecognition?: new () => Recognition;
}

export function newRecognition(): Recognition | null {
  const { SpeechRecognition, webkitSpeechRecognition } = window as Browser;
  const Known = SpeechRecognition ?? webkitSpeechRecognition;
  return Known ? new Known() : null;
}
