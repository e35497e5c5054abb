#include "bench/board/words.h"
#include <stdio.h>

#define LANGUAGES      8u
#define LANGUAGE_WORDS 40u

/* The commonest first: they are taken most often, as in any language. */
static const char *const words[LANGUAGES][LANGUAGE_WORDS] = {
    {"the",    "a",       "to",     "and",      "we",     "for",      "is",       "with",    "customers", "need",
     "before", "release", "ask",    "why",      "faster", "checkout", "Maria",    "pricing", "idea:",     "share",
     "slow",   "results", "team",   "tomorrow", "review", "budget",   "workshop", "legal",   "blocked",   "prototype",
     "scope",  "risk",    "survey", "later?",   "owner",  "metrics",  "launch",   "sales",   "quality",   "👍"},
    {"der",    "die",    "und",     "zu",       "wir",     "für",      "ist",     "mit",      "Kunden", "brauchen",
     "vor",    "bitte",  "prüfen",  "warum",    "schneller", "Einkauf", "Größe",   "Preis",    "Idee:",  "teilen",
     "langsam", "Ergebnis", "Team", "morgen",   "Überblick", "Budget", "Werkstatt", "Recht",   "blockiert", "Entwurf",
     "Umfang", "Risiko", "Umfrage", "später?",  "zuständig", "Zahlen", "Start",    "Vertrieb", "Qualität", "🎯"},
    {"le",     "la",       "et",      "à",        "nous",    "pour",   "est",     "avec",    "clients",   "besoin",
     "avant",  "version",  "demander", "pourquoi", "rapide", "paiement", "l'équipe", "prix", "idée :",   "partager",
     "lent",   "résultats", "groupe", "demain",   "revue",   "budget", "atelier", "juridique", "bloqué", "maquette",
     "portée", "risque",   "enquête", "plus tard", "responsable", "chiffres", "lancement", "ventes", "qualité", "✨"},
    {"el",     "la",         "y",        "a",      "de",      "para",   "es",     "con",   "clientes",  "necesitan",
     "antes",  "versión",    "preguntar", "por qué", "rápido", "pago",   "equipo", "precio", "idea:",    "compartir",
     "lento",  "resultados", "grupo",    "mañana", "revisión", "presupuesto", "taller", "legal", "parado", "prototipo",
     "alcance", "riesgo",    "encuesta", "¿luego?", "dueño",  "métricas", "salida", "ventas", "calidad", "señal"},
    {"и",      "в",      "не",       "на",       "мы",     "для",       "это",       "с",       "клиентам", "нужно",
     "до",     "релиза", "спросить", "почему",   "быстрее", "оплата",   "команда",   "цена",    "идея:",    "показать",
     "медленно", "итоги", "группа",  "завтра",   "обзор",  "бюджет",    "мастерская", "юристы", "ждём",     "макет",
     "объём",  "риск",   "опрос",    "позже?",   "ответственный", "числа", "запуск", "продажи", "качество", "🚀"},
    {"の",     "は",   "に",     "を",       "が",     "と",     "で",     "も",   "お客様", "必要",
     "前に",   "公開", "確認",   "なぜ",     "速い",   "支払い", "チーム", "価格", "案：",   "共有",
     "遅い",   "結果", "会議",   "明日",     "見直し", "予算",   "作業会", "法務", "保留",   "試作",
     "範囲",   "危険", "調査",   "後で？",   "担当",   "数字",   "開始",   "営業", "品質",   "🙏"},
    {"的",     "了",   "在",   "和",     "我们", "为",   "是",   "跟",   "客户", "需要",
     "之前",   "发布", "询问", "为什么", "更快", "结账", "团队", "价格", "想法：", "分享",
     "慢",     "结果", "小组", "明天",   "评审", "预算", "工作坊", "法务", "受阻", "原型",
     "范围",   "风险", "调查", "以后？", "负责人", "数据", "上线", "销售", "质量", "计划"},
    {"في",     "من",    "على",   "و",       "نحن",   "إلى",   "هو",    "مع",     "العملاء", "يحتاجون",
     "قبل",    "الإصدار", "اسأل", "لماذا",  "أسرع",  "الدفع", "الفريق", "السعر", "فكرة:",   "مشاركة",
     "بطيء",   "النتائج", "مجموعة", "غدًا",  "مراجعة", "ميزانية", "ورشة", "قانوني", "متوقف", "نموذج",
     "النطاق", "خطر",   "استبيان", "لاحقًا؟", "المسؤول", "أرقام", "إطلاق", "مبيعات", "جودة",  "✅"},
};

static void figure_write(uint32_t random, char *word, size_t room)
{
    const uint32_t n = 1 + random / 8;
    switch (random % 5) {
    case 0:
        snprintf(word, room, "%u%%", n % 100);
        break;
    case 1:
        snprintf(word, room, "Q%u", 1 + n % 4);
        break;
    case 2:
        snprintf(word, room, "#%u", n % 9000);
        break;
    case 3:
        snprintf(word, room, "%u €", n % 500);
        break;
    default:
        snprintf(word, room, "%u", n % 2000);
    }
}

void word_write(uint32_t language, uint64_t random, bool first, char ret_word[WORD_BYTES_MAX])
{
    const uint32_t dice = (uint32_t)(random >> 32), which = (uint32_t)random;
    const bool spaced = language % LANGUAGES != 5 && language % LANGUAGES != 6;
    char word[WORD_BYTES_MAX - 1];
    if (dice % 8 == 0)
        figure_write(which, word, sizeof word);
    else /* the product of two leans towards the first ones */
        snprintf(word, sizeof word, "%s",
                 words[language % LANGUAGES][(which % LANGUAGE_WORDS) * (dice / 8 % LANGUAGE_WORDS) / LANGUAGE_WORDS]);
    snprintf(ret_word, WORD_BYTES_MAX, "%s%s", spaced && !first ? " " : "", word);
}
