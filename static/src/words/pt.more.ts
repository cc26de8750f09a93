/** What is said by what else somebody opens, in Portuguese. */
import type { More } from "./parts.ts";

const one = (count: number) => count === 1;
const chats = (count: number, shown: string) => `${shown} ${one(count) ? "conversa" : "conversas"}`;

export const words: More["words"] = {
  context: {
    title: "Como a IA deve responder?",
    close: "Fechar",
    note: "O que você escreve aqui vai ao modelo com cada uma das suas mensagens, em todas as suas conversas. Deixe vazio o que ele não precisa saber.",
    name: "Como ele deve chamar você",
    language: "Idioma",
    languageHint: "Por exemplo, inglês, ou: o que eu usar",
    tone: "Tom",
    toneHint: "Por exemplo, curto e simples",
    instructions: "Suas próprias instruções",
    count: (chars, most) => `${chars} de ${most} caracteres`,
    tasks: "O que você tem a fazer",
    task: (number) => `Tarefa ${number}`,
    status: (number) => `Estado da tarefa ${number}`,
    statuses: { open: "Aberta", doing: "Começada", done: "Feita" },
    due: (number) => `Dia em que a tarefa ${number} vence`,
    removeTask: (number) => `Remover a tarefa ${number}`,
    addTask: "Adicionar uma tarefa",
    groups: "Grupos de que você faz parte",
    group: (number) => `Grupo ${number}`,
    removeGroup: (number) => `Remover o grupo ${number}`,
    addGroup: "Adicionar um grupo",
    save: "Salvar",
    reading: "Lendo o que você escreveu…",
    notRead: "Não foi possível ler o que você escreveu.",
    again: "Tentar de novo",
    saved: "Salvo. Vai com a sua próxima mensagem.",
    failed: "Não foi salvo.",
    changed: "Mudou em outro lugar nesse meio-tempo, por isso não foi salvo.",
    theirs: "Mostrar o que está lá agora",
    mine: "Salvar isto mesmo assim",
  },
  goOn: {
    title: "Continuar esta conversa compartilhada?",
    note: "Ela se torna uma conversa sua, com no máximo as últimas 200 mensagens, e conta como uma das suas mensagens. Quem a compartilhou não vê nada disso.",
    goOn: "Continuar",
    leave: "Deixar",
    busy: "Um momento…",
    gone: "Este link não mostra mais nada.",
  },
  import: {
    title: "Importar conversas",
    close: "Fechar",
    note: "Escolha um arquivo exportado por esta página, pelo ChatGPT ou pelo Claude: JSON, ou o arquivo compactado inteiro. Ele é lido neste navegador; só as conversas que você escolher são enviadas e guardadas aqui.",
    choose: "Escolher um arquivo",
    reading: "Lendo o arquivo…",
    failed: {
      no_chats:
        "Nenhuma conversa foi encontrada neste arquivo. Ele deve ser uma exportação desta página, do ChatGPT ou do Claude.",
      too_large: "Este arquivo tem mais de 300 MB.",
      not_loaded: "Não foi possível carregar isto. Tente de novo daqui a pouco.",
    },
    found: (count, shown) => `${chats(count, shown)} ${one(count) ? "encontrada" : "encontradas"}.`,
    tooLong: (count, shown) =>
      one(count)
        ? "Uma não tem texto ou tem mais de dez mil mensagens."
        : `${shown} não têm texto ou têm mais de dez mil mensagens.`,
    filter: "Buscar pelo título",
    more: (count, shown) => `Mais ${shown}: busque pelo título para ${one(count) ? "vê-la" : "vê-las"}.`,
    list: "Conversas do arquivo",
    messages: (count, shown) => (one(count) ? "1 mensagem" : `${shown} mensagens`),
    all: "Escolher todas as que são mostradas",
    bring: (count, shown) => `Importar ${chats(count, shown)}`,
    none: "Escolha as conversas que você quer aqui.",
    bringing: (done, count) => `${done} de ${count} conversas já estão aqui…`,
    cancelled: "Cancelado. O que já está aqui fica.",
    stopped: "Não foi possível importar todas.",
    goOn: "Escolha de novo para continuar dali.",
    done: (count, shown) => `${chats(count, shown)} ${one(count) ? "já está" : "já estão"} aqui.`,
    here: "já está aqui",
  },
  temporary: {
    name: "Conversa temporária",
    note: "Esta conversa não é guardada.",
    explained:
      "Ela existe apenas nesta aba e desaparece com ela. Cada resposta espera no máximo uma hora no nosso servidor, caso você recarregue a página. Ela conta entre as suas mensagens como as outras.",
    gone: "A conversa temporária terminou. O que foi dito nela não estava guardado em nenhum outro lugar.",
    back: "Voltar a ela",
    away: "No momento as conversas não podem ser guardadas. Numa conversa temporária você recebe resposta mesmo assim: ela não é guardada.",
    askThere: "Perguntar lá",
    goOn: "Continue de onde parou.",
  },
};
