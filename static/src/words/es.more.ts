/** What is said by what else somebody opens, in Spanish. */
import type { More } from "./parts.ts";

const one = (count: number) => count === 1;
const chats = (count: number, shown: string) => `${shown} ${one(count) ? "chat" : "chats"}`;

export const words: More["words"] = {
  context: {
    title: "¿Cómo debe responder la IA?",
    close: "Cerrar",
    note: "Lo que escribes aquí va al modelo con cada uno de tus mensajes, en todos tus chats. Deja vacío lo que no necesite saber.",
    name: "Cómo debe llamarte",
    language: "Idioma",
    languageHint: "Por ejemplo, inglés, o: el que yo use",
    tone: "Tono",
    toneHint: "Por ejemplo, breve y sencillo",
    instructions: "Tus propias instrucciones",
    count: (chars, most) => `${chars} de ${most} caracteres`,
    tasks: "Lo que tienes que hacer",
    task: (number) => `Tarea ${number}`,
    status: (number) => `Estado de la tarea ${number}`,
    statuses: { open: "Pendiente", doing: "Empezada", done: "Hecha" },
    due: (number) => `Día en que vence la tarea ${number}`,
    removeTask: (number) => `Quitar la tarea ${number}`,
    addTask: "Añadir una tarea",
    groups: "Grupos a los que perteneces",
    group: (number) => `Grupo ${number}`,
    removeGroup: (number) => `Quitar el grupo ${number}`,
    addGroup: "Añadir un grupo",
    save: "Guardar",
    reading: "Leyendo lo que has escrito…",
    notRead: "No se pudo leer lo que has escrito.",
    again: "Intentar de nuevo",
    saved: "Guardado. Irá con tu próximo mensaje.",
    failed: "No se guardó.",
    changed: "Entretanto se cambió en otro lugar, así que no se guardó.",
    theirs: "Mostrar lo que hay ahora",
    mine: "Guardar esto de todos modos",
  },
  goOn: {
    title: "¿Seguir con este chat compartido?",
    note: "Se convierte en un chat tuyo, con sus últimos 200 mensajes como máximo, y cuenta como uno de tus mensajes. Quien lo compartió no ve nada de ello.",
    goOn: "Seguir",
    leave: "Dejarlo",
    busy: "Un momento…",
    gone: "Este enlace ya no muestra nada.",
  },
  import: {
    title: "Importar chats",
    close: "Cerrar",
    note: "Elige un archivo exportado por esta página, ChatGPT o Claude: JSON, o el archivo comprimido entero. Se lee en este navegador; solo los chats que elijas se envían y se guardan aquí.",
    choose: "Elegir un archivo",
    reading: "Leyendo el archivo…",
    failed: {
      no_chats:
        "No se encontraron chats en este archivo. Debería ser una exportación de esta página, de ChatGPT o de Claude.",
      too_large: "Este archivo supera los 300 MB.",
      not_loaded: "Esto no se pudo cargar. Inténtalo de nuevo en un momento.",
    },
    found: (count, shown) => `${one(count) ? "Se encontró" : "Se encontraron"} ${chats(count, shown)}.`,
    tooLong: (count, shown) =>
      one(count)
        ? "Uno no tiene texto o tiene más de diez mil mensajes."
        : `${shown} no tienen texto o tienen más de diez mil mensajes.`,
    filter: "Buscar por título",
    more: (count, shown) => `${shown} más: busca por título para ${one(count) ? "verlo" : "verlos"}.`,
    list: "Chats del archivo",
    messages: (count, shown) => (one(count) ? "1 mensaje" : `${shown} mensajes`),
    all: "Elegir todos los que se muestran",
    bring: (count, shown) => `Importar ${chats(count, shown)}`,
    none: "Elige los chats que quieres aquí.",
    bringing: (done, count) => `Ya están aquí ${done} de ${count} chats…`,
    cancelled: "Cancelado. Lo que ya está aquí se queda.",
    stopped: "No se pudieron importar todos.",
    goOn: "Elige otra vez para seguir desde ahí.",
    done: (count, shown) => `${one(count) ? "Ya está" : "Ya están"} aquí ${chats(count, shown)}.`,
    here: "ya está aquí",
  },
  temporary: {
    name: "Chat temporal",
    note: "Este chat no se guarda.",
    explained:
      "Solo está en esta pestaña y desaparece con ella. Cada respuesta espera una hora como máximo en nuestro servidor, por si vuelves a cargar la página. Cuenta entre tus mensajes como los demás.",
    gone: "El chat temporal ha terminado. Lo que se dijo en él no estaba guardado en ningún otro sitio.",
    back: "Volver a él",
    away: "Ahora mismo no se pueden guardar los chats. En un chat temporal recibirás respuesta igualmente: esta conversación no se guarda.",
    askThere: "Preguntar allí",
    goOn: "Sigue donde lo dejaste.",
  },
};
