/** What is said by what else somebody opens, in French. */
import type { More } from "./parts.ts";

const rules = new Intl.PluralRules("fr");
const one = (count: number) => rules.select(count) === "one";
const chats = (count: number, shown: string) => `${shown} ${one(count) ? "discussion" : "discussions"}`;

export const words: More["words"] = {
  context: {
    title: "Comment l’IA doit-elle répondre ?",
    close: "Fermer",
    note: "Ce que vous écrivez ici va au modèle avec chacun de vos messages, dans toutes vos discussions. Laissez vide ce qu’il n’a pas besoin de savoir.",
    name: "Comment il doit vous appeler",
    language: "Langue",
    languageHint: "Par exemple l’anglais, ou : celle où j’écris",
    tone: "Ton",
    toneHint: "Par exemple bref et simple",
    instructions: "Vos propres consignes",
    count: (chars, most) => `${chars} caractères sur ${most}`,
    tasks: "Ce que vous avez à faire",
    task: (number) => `Tâche ${number}`,
    status: (number) => `État de la tâche ${number}`,
    statuses: { open: "À faire", doing: "Commencée", done: "Terminée" },
    due: (number) => `Échéance de la tâche ${number}`,
    removeTask: (number) => `Retirer la tâche ${number}`,
    addTask: "Ajouter une tâche",
    groups: "Groupes dont vous faites partie",
    group: (number) => `Groupe ${number}`,
    removeGroup: (number) => `Retirer le groupe ${number}`,
    addGroup: "Ajouter un groupe",
    save: "Enregistrer",
    reading: "Lecture de ce que vous avez écrit…",
    notRead: "Ce que vous avez écrit n’a pas pu être lu.",
    again: "Réessayer",
    saved: "Enregistré. Cela accompagnera votre prochain message.",
    failed: "Cela n’a pas été enregistré.",
    changed: "Cela a été modifié ailleurs entre-temps, et n’a donc pas été enregistré.",
    theirs: "Montrer ce qui est là maintenant",
    mine: "Enregistrer quand même ce qui est ici",
  },
  goOn: {
    title: "Continuer cette discussion partagée ?",
    note: "Elle devient une discussion à vous, avec ses 200 derniers messages au plus, et compte comme un de vos messages. La personne qui l’a partagée n’en voit rien.",
    goOn: "Continuer",
    leave: "La laisser",
    busy: "Un instant…",
    gone: "Ce lien ne montre plus rien.",
  },
  import: {
    title: "Importer des discussions",
    close: "Fermer",
    note: "Choisissez un fichier exporté par cette page, ChatGPT ou Claude : du JSON, ou l’archive entière. Il est lu dans ce navigateur ; seules les discussions que vous choisissez sont envoyées et conservées ici.",
    choose: "Choisir un fichier",
    reading: "Lecture du fichier…",
    failed: {
      no_chats:
        "Aucune discussion n’a été trouvée dans ce fichier. Ce devrait être un export de cette page, de ChatGPT ou de Claude.",
      too_large: "Ce fichier dépasse 300 Mo.",
      not_loaded: "Ceci n’a pas pu être chargé. Réessayez dans un instant.",
    },
    found: (count, shown) => `${chats(count, shown)} ${one(count) ? "trouvée" : "trouvées"}.`,
    tooLong: (count, shown) =>
      one(count)
        ? `${shown} n’a pas de texte ou a plus de dix mille messages.`
        : `${shown} n’ont pas de texte ou ont plus de dix mille messages.`,
    filter: "Rechercher par titre",
    more: (count, shown) =>
      one(count)
        ? `${shown} de plus : cherchez par titre pour la voir.`
        : `${shown} de plus : cherchez par titre pour les voir.`,
    list: "Discussions du fichier",
    messages: (count, shown) => (one(count) ? `${shown} message` : `${shown} messages`),
    all: "Choisir toutes celles qui sont affichées",
    bring: (count, shown) => `Importer ${chats(count, shown)}`,
    none: "Choisissez les discussions que vous voulez ici.",
    bringing: (done, count) => `Discussions arrivées : ${done} sur ${count}…`,
    cancelled: "Annulé. Ce qui est déjà ici reste.",
    stopped: "Elles n’ont pas toutes pu être importées.",
    goOn: "Choisissez encore une fois pour continuer à partir de là.",
    done: (count, shown) => `${chats(count, shown)} ${one(count) ? "est maintenant ici" : "sont maintenant ici"}.`,
    here: "maintenant ici",
  },
  temporary: {
    name: "Discussion temporaire",
    note: "Cette discussion n’est pas conservée.",
    explained:
      "Elle n’existe que dans cet onglet et disparaît avec lui. Chaque réponse attend une heure au plus sur notre serveur, au cas où vous rechargeriez la page. Elle compte parmi vos messages comme les autres.",
    gone: "La discussion temporaire est terminée. Ce qui s’y est dit n’était conservé nulle part ailleurs.",
    back: "Y revenir",
    away: "Les discussions ne peuvent pas être conservées pour le moment. Une discussion temporaire vous répondra quand même : elle n’est pas conservée.",
    askThere: "Demander là",
    goOn: "Continue là où tu t’es arrêté.",
  },
};
