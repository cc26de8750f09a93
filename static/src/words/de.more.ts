/** What is said by what else somebody opens, in German. */
import type { More } from "./parts.ts";

const one = (count: number) => count === 1;

export const words: More["words"] = {
  context: {
    title: "Wie soll die KI antworten?",
    close: "Schließen",
    note: "Was du hier schreibst, geht mit jeder deiner Nachrichten an das Modell, in allen deinen Chats. Lass leer, was es nicht zu wissen braucht.",
    name: "Wie du genannt werden willst",
    language: "Sprache",
    languageHint: "Etwa Englisch, oder: wie ich schreibe",
    tone: "Ton",
    toneHint: "Etwa kurz und schlicht",
    instructions: "Deine eigenen Anweisungen",
    count: (chars, most) => `${chars} von ${most} Zeichen`,
    tasks: "Was du zu tun hast",
    task: (number) => `Aufgabe ${number}`,
    status: (number) => `Stand von Aufgabe ${number}`,
    statuses: { open: "Offen", doing: "Begonnen", done: "Erledigt" },
    due: (number) => `Tag, an dem Aufgabe ${number} fällig ist`,
    removeTask: (number) => `Aufgabe ${number} entfernen`,
    addTask: "Aufgabe hinzufügen",
    groups: "Gruppen, zu denen du gehörst",
    group: (number) => `Gruppe ${number}`,
    removeGroup: (number) => `Gruppe ${number} entfernen`,
    addGroup: "Gruppe hinzufügen",
    save: "Speichern",
    reading: "Was du geschrieben hast, wird gelesen …",
    notRead: "Was du geschrieben hast, konnte nicht gelesen werden.",
    again: "Noch einmal versuchen",
    saved: "Gespeichert. Es geht mit deiner nächsten Nachricht mit.",
    failed: "Es wurde nicht gespeichert.",
    changed: "Es wurde inzwischen anderswo geändert, darum wurde es nicht gespeichert.",
    theirs: "Zeigen, was jetzt dort steht",
    mine: "Trotzdem dies hier speichern",
  },
  goOn: {
    title: "Mit diesem geteilten Chat weitermachen?",
    note: "Er wird zu einem eigenen Chat von dir, mit höchstens seinen letzten 200 Nachrichten, und zählt als eine deiner Nachrichten. Wer ihn geteilt hat, sieht davon nichts.",
    goOn: "Weitermachen",
    leave: "Nicht weitermachen",
    busy: "Einen Moment …",
    gone: "Dieser Link zeigt nichts mehr.",
  },
  import: {
    title: "Chats importieren",
    close: "Schließen",
    note: "Wähle eine Datei, die diese Seite, ChatGPT oder Claude exportiert hat: JSON oder das ganze Archiv. Sie wird in diesem Browser gelesen; nur die Chats, die du auswählst, werden gesendet und hier aufbewahrt.",
    choose: "Datei wählen",
    reading: "Die Datei wird gelesen …",
    failed: {
      no_chats:
        "In dieser Datei wurden keine Chats gefunden. Es sollte ein Export dieser Seite, von ChatGPT oder von Claude sein.",
      too_large: "Diese Datei ist größer als 300 MB.",
      not_loaded: "Das ließ sich nicht laden. Versuche es gleich noch einmal.",
    },
    found: (count, shown) => (one(count) ? "1 Chat gefunden." : `${shown} Chats gefunden.`),
    tooLong: (count, shown) =>
      one(count)
        ? "Einer hat keinen Text oder mehr als 10.000 Nachrichten."
        : `${shown} haben keinen Text oder mehr als 10.000 Nachrichten.`,
    filter: "Nach Titel suchen",
    more: (count, shown) =>
      one(count)
        ? "1 weiterer: Suche nach dem Titel, um ihn zu sehen."
        : `${shown} weitere: Suche nach dem Titel, um sie zu sehen.`,
    list: "Chats in der Datei",
    messages: (count, shown) => (one(count) ? "1 Nachricht" : `${shown} Nachrichten`),
    all: "Alle gezeigten auswählen",
    bring: (count, shown) => (one(count) ? "1 Chat importieren" : `${shown} Chats importieren`),
    none: "Wähle die Chats aus, die du hier haben willst.",
    bringing: (done, count) => `${done} von ${count} Chats sind hier …`,
    cancelled: "Abgebrochen. Was schon hier ist, bleibt.",
    stopped: "Nicht alle konnten importiert werden.",
    goOn: "Wähle noch einmal, um dort weiterzumachen.",
    done: (count, shown) => (one(count) ? "1 Chat ist jetzt hier." : `${shown} Chats sind jetzt hier.`),
    here: "jetzt hier",
  },
  temporary: {
    name: "Temporärer Chat",
    note: "Dieser Chat wird nicht gespeichert.",
    explained:
      "Er steht nur in diesem Tab und vergeht mit ihm. Jede Antwort wartet höchstens eine Stunde auf unserem Server, falls du neu lädst. Er zählt zu deinen Nachrichten wie jeder andere.",
    gone: "Der temporäre Chat ist vorbei. Was darin gesagt wurde, steht sonst nirgends.",
    back: "Zurück zu ihm",
    away: "Chats können im Augenblick nicht gespeichert werden. In einem temporären Chat bekommst du trotzdem Antwort: Dieses Gespräch wird nicht gespeichert.",
    askThere: "Dort fragen",
    goOn: "Mach dort weiter, wo du aufgehört hast.",
  },
};
