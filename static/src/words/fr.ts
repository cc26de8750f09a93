/** What the page says at once and once the browser is idle, in French. */
import { quoted, quotes } from "../text/isolated.ts";
import type { First } from "./parts.ts";

Object.assign(quotes, { open: "« ", close: " »" });

export const later: First["later"] = (put, onAccount) => {
  onAccount(() => import("./fr.account.ts"));
  return Promise.allSettled([put(() => import("./fr.later.ts")), put(() => import("./fr.more.ts"))]);
};

const rules = new Intl.PluralRules("fr");
const one = (count: number) => rules.select(count) === "one";
const chats = (count: number) => `${count} ${one(count) ? "discussion" : "discussions"}`;

export const words: First["words"] = {
  first: {
    newChat: "Nouvelle discussion",
    chats: "Discussions",
    openChats: "Ouvrir la liste des discussions",
    closeChats: "Fermer la liste des discussions",
    skip: "Aller au champ de message",
    more: (title) => `Plus sur ${quoted(title)}`,
    answers: "reçoit une réponse",
    noChats: "Vos discussions apparaîtront ici.",
    days: { pinned: "Épinglées", today: "Aujourd’hui", yesterday: "Hier", week: "7 derniers jours", days30: "30 derniers jours" },
    untitled: "Discussion sans titre",
    listFailed: "Vos discussions n’ont pas pu être lues.",
    removed: (title) => `${quoted(title)} a été supprimée.`,
    undo: "Annuler",
    renamed: (title) => `Renommée en ${quoted(title)}.`,
    restored: (title) => `${quoted(title)} est de retour.`,
    notRestored: (title) => `${quoted(title)} n’a pas pu être rétablie.`,
    dismiss: "Fermer",

    greeting: "À quoi pensez-vous ?",
    greetingNote:
      "Demandez ce que vous voulez, sans compte. Vos discussions sont conservées sur notre serveur, s’ouvrent seulement dans ce navigateur et sont envoyées au fournisseur du modèle pour recevoir une réponse. Si vous effacez les données de ce navigateur, vous les perdez.",
    greetingNoteIn:
      "Vos discussions sont conservées sur notre serveur, s’ouvrent là où vous vous connectez et sont envoyées au fournisseur du modèle pour recevoir une réponse.",
    starters: ["Explique une idée avec des mots simples", "Aide-moi à écrire une lettre", "Prépare un week-end à deux"],
    aiNotice: "Réponses d’une IA, qui peut se tromper",
    messages: "Messages",
    notAll: "Les messages plus anciens de cette discussion ne sont pas imprimés ici.",
    moreMessages: "Afficher plus de messages",
    loading: "Chargement…",
    you: "Vous",
    assistant: "Edgewise",
    thinking: "En attente des premiers mots",
    still: "La réponse continue…",
    stopped: "Arrêtée.",
    interrupted: "La réponse s’est interrompue ici.",
    failed: "Ce message n’a pas reçu de réponse.",
    left: "La réponse s’est arrêtée quand la page a été quittée ou a perdu sa connexion.",
    truncated: "La réponse a atteint la longueur maximale que le modèle peut écrire.",
    filtered: "Le fournisseur du modèle a retenu la suite de cette réponse.",
    empty: "Le modèle a répondu sans un mot.",
    newest: "Au message le plus récent",
    newestUnread: "Au message le plus récent : il y a du nouveau",
    copy: "Copier le message",
    copied: "Copié.",
    notCopied: "Ce navigateur ne permet pas de copier ici. Sélectionnez plutôt le texte.",
    again: "Redemander",
    continueAnswer: "Continuer",
    edit: "Modifier le message",
    cancel: "Annuler",
    version: (at, of) => `Version ${at ?? ""} sur ${of ?? ""}`,
    versionBefore: "Version précédente",
    versionAfter: "Version suivante",
    pickingUp: "La connexion s’est coupée. Récupération de la suite…",
    notSaved: "Cette réponse n’est pas encore enregistrée.",
    saveAgain: "Enregistrer de nouveau",
    tryAgain: "Réessayer",
    outdated:
      "Une partie de cette page ne peut plus être chargée, sans doute parce qu’il en existe une plus récente. Votre texte est conservé.",
    reload: "Recharger",
    missing: "Cette discussion n’existe pas, ou elle appartient à un autre navigateur.",
    missingTitle: "Discussion introuvable",
    earlierFailed: "Les messages plus anciens n’ont pas pu être lus.",
    readFailed: "Cette discussion n’a pas pu être lue.",
    codeCopied: "Code copié.",
    codeNotCopied: "Non copié. Le code est sélectionné : copiez-le au clavier.",

    missingUnkept: "Cette discussion a disparu : votre navigateur ne laisse Edgewise rien conserver.",
    unkept:
      "Votre navigateur ne laisse Edgewise rien conserver : vos discussions disparaissent quand vous fermez ou rechargez cette page.",

    placeholder: "Écrivez un message",
    send: "Envoyer",
    stop: "Arrêter la réponse",
    sending: "Envoi…",
    sendLater: "Envoyer quand la réponse sera terminée",
    answerFirst: "Ceci pourra être envoyé quand la réponse sera terminée.",
    waits: "Partira quand la réponse sera terminée.",
    takeBack: "Reprendre",
    returned: "Ce qui attendait est de nouveau dans le champ de message.",
    sendAgain: "Renvoyer",
    sentLater: "Votre texte est conservé et sera envoyé au retour de la connexion.",
    tryIn: (time) => `Vous pourrez réessayer dans ${time}.`,
    tryNow: "Vous pouvez réessayer maintenant.",
    keys: "Entrée envoie, Maj + Entrée commence une nouvelle ligne",
    keysTurned: "Entrée commence une nouvelle ligne, Ctrl ou ⌘ + Entrée envoie",
    characters: (count, limit) => `${count} caractères sur ${limit}`,
    isOff: "Edgewise est désactivé en ce moment. Votre texte est conservé.",
    isOffline: "Hors ligne",
    isUnreachable: "Reconnexion…",
    offline: "Vous êtes hors ligne.",
    online: "Vous êtes de nouveau en ligne.",
    noNetwork: "Vous êtes hors ligne. Votre texte est conservé jusqu’au retour de la connexion.",
    atDailyLimit: (time) => `Vous avez utilisé tous les messages d’aujourd’hui. Il y en aura de nouveaux dans ${time}.`,
    atBudget: (time) =>
      `Le budget de cette page pour les réponses est épuisé pour le moment. Il se remplit dans ${time} ; d’ici là, vos discussions restent lisibles et votre texte est conservé.`,
    checking: "Nous vérifions que vous êtes une personne… Cela prend quelques secondes.",
    crowded: (time) => `Beaucoup de gens écrivent en ce moment. Votre message sera renvoyé dans ${time}.`,
    atMinuteLimit: (time) => `C’était rapide. Vous pourrez envoyer de nouveau dans ${time}.`,

    leftToday: (left, limit) => `${left} messages sur ${limit} restants aujourd’hui`,
    lowToday: (left, limit) => `Il ne reste que ${left} messages sur ${limit} aujourd’hui.`,
    leftThisMinute: (left) => `${left} restants cette minute`,
    resetsIn: (time) => `nouveaux dans ${time}`,
    justNow: "à l’instant",
    hours: (hours, minutes) => (minutes ? `${hours} h ${minutes} min` : `${hours} h`),
    minutes: (minutes) => `${minutes} min`,
    seconds: (seconds) => `${seconds} s`,

    notLoaded: "Ceci n’a pas pu être chargé. Réessayez dans un instant.",

    notice: (text) => text,
    answering: "Réponse en cours.",
    done: "Réponse terminée.",

    problems: {
      offline: "Edgewise est injoignable. Vérifiez votre connexion.",
      foreign:
        "Autre chose a répondu à la place d’Edgewise, par exemple la page de connexion de votre réseau. Vos discussions sont en sécurité.",
      unreadable: "La réponse du serveur n’a pas pu être lue. Réessayez dans un instant.",
    },
    unknownProblem: "Cela n’a pas marché. Réessayez.",
    reference: (id) => `Référence : ${id}`,
  },
  "account/entry": {
    signIn: "Se connecter",
    account: "Compte",
    notLoaded: "La page des comptes n’a pas pu être chargée. Réessayez dans un instant.",
    offer: "Avec un compte, vous gardez ces discussions et les retrouvez sur vos autres appareils.",
    makeOne: "En créer un",
    farewells: {
      in: "La connexion est faite.",
      out: "La déconnexion est faite.",
      ended: "Fin de session : cet appareil a été retiré, ou son temps est écoulé.",
      claimed: "Les discussions de ce navigateur appartiennent maintenant à un compte. Connectez-vous pour les voir.",
    },
    roles: {
      guest: "Vous êtes maintenant ici sans compte.",
      user: "Vous n’administrez plus cette page.",
      admin: "Vous administrez maintenant cette page : aucune limite quotidienne ne vous concerne.",
    },
  },
  aside: {
    take: "Emportez-les",
    settings: "Réglages",
    about: "À propos de ces réponses",
    aboutNote:
      "Vous parlez à une IA, pas à une personne : ce qu’elle dit peut être faux. Vos messages sont conservés sur notre serveur et envoyés au fournisseur du modèle pour recevoir une réponse.",
    answeredBy: (models) => `Répond : ${models}`,
    lastAnswer: (times) => `Temps de la dernière réponse sur le serveur : ${times}`,
    notLoaded: "Ceci n’a pas pu être chargé. Réessayez dans un instant.",
    moved: {
      taken:
        "Les discussions de l’autre appareil sont ici maintenant. Celles de ce navigateur sont conservées : « Emportez-les » y ramène.",
      back: "Les discussions de ce navigateur sont de retour.",
      deleted: "La suppression est en cours : vos discussions et tout ce qui a été conservé avec elles.",
    },
  },
  code: {
    table: "Tableau",
    code: "Code",
    formula: "Formule",
    copyCode: "Copier",
    ofCode: " le code",
    codeIsCopied: "Copié",
  },
  feedback: {
    up: "Cette réponse m’a été utile",
    down: "Cette réponse ne m’a pas été utile",
    why: "Qu’est-ce qui n’allait pas ? Rien ne vous oblige à le dire.",
    send: "Envoyer",
    skip: "Pas maintenant",
    thanks: "Merci. Votre avis est conservé avec la réponse.",
    failed: "Votre vote n’a pas été conservé. Réessayez dans un instant.",
  },
  markdown: { taskDone: "fait", taskToDo: "à faire", plainCode: "texte", thoughts: "Réflexions" },
  "search/entry": { search: "Rechercher", notLoaded: "La recherche n’a pas pu être chargée." },
  session: {
    rename: "Renommer",
    pin: "Épingler",
    unpin: "Désépingler",
    pinned: (title, isPinned) => `${quoted(title)} ${isPinned ? "est épinglée" : "n’est plus épinglée"}.`,
    notPinned: (title, isPinned) => `${quoted(title)} ${isPinned ? "n’a pas été épinglée" : "est toujours épinglée"}.`,
    newTitle: "Nouveau titre",
    remove: "Supprimer",
    take: "Exporter…",
    share: "Partager…",
    shareNotLoaded: "Le partage n’a pas pu être chargé.",
    notLoaded: "L’export n’a pas pu être chargé.",
    confirmRemove: (title) => `Supprimer ${quoted(title)} ?`,
    confirm: "Supprimer",
    keep: "Garder",
    notRenamed: (title) => `${quoted(title)} n’a pas été renommée.`,
    select: "Sélectionner…",
    selected: (count) => `${chats(count)} ${one(count) ? "sélectionnée" : "sélectionnées"}`,
    selection: "Discussions sélectionnées",
    removeAll: (count) => `Supprimer ${chats(count)}`,
    endSelection: "Annuler",
    allRemoved: (count) => `${chats(count)} ${one(count) ? "a été supprimée" : "ont été supprimées"}.`,
    allBack: (count) => `${chats(count)} ${one(count) ? "est" : "sont"} de retour.`,
    notAllRemoved: (count, of) =>
      `${count} discussions sur ${of} ${one(count) ? "n’a pas été supprimée" : "n’ont pas été supprimées"}.`,
    notAllBack: (count, of) =>
      `${count} discussions sur ${of} ${one(count) ? "n’a pas pu être rétablie" : "n’ont pas pu être rétablies"}.`,
    notRemoved: (title) => `${quoted(title)} n’a pas été supprimée.`,
  },
  textOnly: { noFiles: "On ne peut envoyer ici que du texte, ni images ni fichiers." },
  unsent: {
    waits: "Pas encore envoyé : cela part tout seul.",
    going: "Envoi…",
    after: "Pas encore envoyé : cela part après ce qui a été dit avant.",
    ask: "Ceci a été dit il y a plus d’un jour. Faut-il encore l’envoyer ?",
    old: "Ce que vous avez dit il y a plus d’un jour, sans connexion, n’a pas encore été envoyé.",
    refused: "Ce que vous avez dit sans connexion n’a pas été envoyé. C’est dans le champ de message de sa discussion.",
    deleted:
      "La discussion de ce que vous avez dit sans connexion a été supprimée. Vos mots sont dans une nouvelle discussion.",
    show: "Afficher",
  },
  printing: {
    notPrinted: "Les messages plus anciens de cette discussion n’ont pas été imprimés.",
    printAll: "Tout imprimer",
  },
};
