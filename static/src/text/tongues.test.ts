/** Promises about the language of a text: only what its letters alone tell. */
import { expect, test } from "vitest";
import { tongueOf } from "./tongues.ts";

test.each([
  ["これは重要な点です。", "ja"],
  ["안녕하세요, 여러분", "ko"],
  ["مرحبا بالعالم", "ar"],
  ["שלום עולם", "he"],
  ["สวัสดีครับ", "th"],
  ["Καλημέρα κόσμε", "el"],
  ["გამარჯობა მსოფლიო", "ka"],
  ["Բարեւ աշխարհ", "hy"],
  ["வணக்கம் உலகம்", "ta"],
  ["హలో ప్రపంచం", "te"],
  ["សួស្តី​ពិភពលោក", "km"],
  ["ສະບາຍດີຊາວໂລກ", "lo"],
  ["નમસ્તે દુનિયા", "gu"],
  ["ಹಲೋ ವರ್ಲ್ಡ್", "kn"],
  ["ഹലോ വേൾഡ്", "ml"],
  ["ନମସ୍କାର ବିଶ୍ୱ", "or"],
  ["ਸਤ ਸ੍ਰੀ ਅਕਾਲ", "pa"],
  ["ආයුබෝවන් ලෝකය", "si"],
  ["日本 API の使い方は、こちらです", "ja"],
])("%s", (text, tongue) => {
  expect(tongueOf(text)).toBe(tongue);
});

test.each([
  "Hello",
  "你好，世界",
  "Привет",
  "سلام، چطوری؟",
  "آپ کیسے ہیں؟",
  "שלום means peace, and so does many another word",
  "नमस्ते",
  "The word שלום means peace in that language",
  "42 €",
  "",
])("not sure of %s", (text) => {
  expect(tongueOf(text)).toBeUndefined();
});
