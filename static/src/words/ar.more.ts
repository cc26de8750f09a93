/** What is said by what else somebody opens, in Arabic. */
import type { More } from "./parts.ts";

const rules = new Intl.PluralRules("ar");
/** A number with its noun; one and two are said by the noun alone. */
const counted = (count: number, shown: string, one: string, two: string, few: string, other: string) =>
  ({
    zero: `${shown} ${other}`,
    one,
    two,
    few: `${shown} ${few}`,
    many: `${shown} ${other}`,
    other: `${shown} ${other}`,
  })[rules.select(count)];
const chats = (count: number, shown: string) => counted(count, shown, "محادثة واحدة", "محادثتان", "محادثات", "محادثة");
/** After a word that governs them. */
const ofChats = (count: number, shown: string) =>
  counted(count, shown, "محادثة واحدة", "محادثتين", "محادثات", "محادثة");

export const words: More["words"] = {
  context: {
    title: "كيف تريد أن تكون الإجابات؟",
    close: "إغلاق",
    note: "ما تكتبه هنا يُرسل إلى النموذج مع كل رسالة من رسائلك، في كل محادثاتك. اترك فارغًا ما لا يحتاج إلى معرفته.",
    name: "الاسم الذي يناديك به",
    language: "اللغة",
    languageHint: "مثلًا: الإنجليزية، أو: كما أكتب",
    tone: "الأسلوب",
    toneHint: "مثلًا: موجز وبسيط",
    instructions: "تعليماتك الخاصة",
    count: (chars, most) => `${chars} من ${most} حرف`,
    tasks: "ما عليك فعله",
    task: (number) => `المهمة ${number}`,
    status: (number) => `حالة المهمة ${number}`,
    statuses: { open: "لم تبدأ", doing: "بدأت", done: "تمّت" },
    due: (number) => `موعد المهمة ${number}`,
    removeTask: (number) => `إزالة المهمة ${number}`,
    addTask: "إضافة مهمة",
    groups: "المجموعات التي تنتمي إليها",
    group: (number) => `المجموعة ${number}`,
    removeGroup: (number) => `إزالة المجموعة ${number}`,
    addGroup: "إضافة مجموعة",
    save: "حفظ",
    reading: "تجري قراءة ما كتبته…",
    notRead: "تعذّرت قراءة ما كتبته.",
    again: "المحاولة مرة أخرى",
    saved: "حُفظ. يُرسل مع رسالتك التالية.",
    failed: "لم يُحفظ.",
    changed: "تغيّر في مكان آخر في هذه الأثناء، فلم يُحفظ.",
    theirs: "إظهار ما هو هناك الآن",
    mine: "حفظ ما هو هنا مع ذلك",
  },
  goOn: {
    title: "هل تريد متابعة هذه المحادثة المشارَكة؟",
    note: "تصبح محادثة لك، فيها آخر 200 رسالة منها على الأكثر، وتُحسب رسالة من رسائلك. لا يرى من شاركها شيئًا من ذلك.",
    goOn: "متابعة",
    leave: "تركها",
    busy: "لحظة…",
    gone: "لم يعد هذا الرابط يُظهر شيئًا.",
  },
  import: {
    title: "استيراد محادثات",
    close: "إغلاق",
    note: "اختر ملفًا صدّرته هذه الصفحة أو ChatGPT أو Claude: ملف JSON أو الأرشيف كله. يُقرأ الملف في هذا المتصفح، ولا يُرسل ويُحفظ هنا إلا ما تختاره من المحادثات.",
    choose: "اختيار ملف",
    reading: "تجري قراءة الملف…",
    failed: {
      no_chats: "لم يُعثر على محادثات في هذا الملف. ينبغي أن يكون ملفًا صدّرته هذه الصفحة أو ChatGPT أو Claude.",
      too_large: "هذا الملف أكبر من 300 ميغابايت.",
      not_loaded: "تعذّر تحميل هذا. حاول مرة أخرى بعد لحظات.",
    },
    found: (count, shown) => `عُثر على ${ofChats(count, shown)}.`,
    tooLong: (count, shown) => `تُركت ${chats(count, shown)} بلا نص أو بأكثر من عشرة آلاف رسالة.`,
    filter: "البحث بالعنوان",
    more: (_count, shown) => `${shown} غيرها: ابحث بالعنوان لتراها.`,
    list: "المحادثات في الملف",
    messages: (count, shown) => counted(count, shown, "رسالة واحدة", "رسالتان", "رسائل", "رسالة"),
    all: "اختيار كل المعروض",
    bring: (count, shown) => `استيراد ${ofChats(count, shown)}`,
    none: "اختر المحادثات التي تريدها هنا.",
    bringing: (done, count) => `المحادثات التي وصلت: ${done} من ${count}…`,
    cancelled: "أُلغي. يبقى ما وصل إلى هنا.",
    stopped: "تعذّر استيراد بعضها.",
    goOn: "اختر مرة أخرى للمتابعة من هناك.",
    done: (count, shown) => `هنا الآن: ${chats(count, shown)}.`,
    here: "هنا الآن",
  },
  temporary: {
    name: "محادثة مؤقتة",
    note: "هذه المحادثة لا تُحفظ.",
    explained:
      "هي في علامة التبويب هذه وحدها وتزول معها. تبقى كل إجابة على خادمنا ساعة على الأكثر تحسّبًا لإعادة التحميل. وتُحسب من رسائلك كغيرها.",
    gone: "انتهت المحادثة المؤقتة. ما قيل فيها لم يُحفظ في أي مكان آخر.",
    back: "العودة إليها",
    away: "لا يمكن حفظ المحادثات حاليًا. في محادثة مؤقتة ستصلك الإجابة مع ذلك: هذه المحادثة لا تُحفظ.",
    askThere: "اسأل هناك",
    goOn: "تابع من حيث توقفت.",
  },
};
