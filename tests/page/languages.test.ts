/** The page in other languages, and what a first visitor is told and offered: who answers, and ways to begin that never send by themselves. */
import { expect } from "@playwright/test";
import { axe, violations } from "./axe.ts";
import { EdgewisePage, test } from "./page.ts";
import { shape } from "./shapes.ts";
import { scenario } from "./stack.ts";

// The page's own policy would refuse the checker's evaluation.
test.use({ bypassCSP: true });
test.beforeEach(({ page }) => page.addInitScript({ path: axe }));

test.describe("in German, by the browser's languages", () => {
  test.use({ locale: "de-AT" });

  test("every room has its words, and Arabic, which is chosen, mirrors the page", async ({ page }) => {
    await scenario("Sprachen hier", { chunks: 1, chunk_text: "Ja." });
    await page.goto("/");
    const html = page.locator("html");
    await expect(html).toHaveAttribute("lang", "de");
    await expect(page.getByText("Was beschäftigt dich?")).toBeVisible();
    const field = page.getByRole("textbox", { name: "Schreib eine Nachricht" });
    await field.fill("Sprachen hier");
    await field.press("Enter");
    await expect(page.getByText("Ja.", { exact: true })).toBeVisible();
    // What is loaded later speaks the same language, and a title in a sentence has its quotes.
    const chats = page.getByRole("navigation", { name: "Chats" });
    await chats.getByRole("button", { name: "Mehr zu „Sprachen hier“" }).click();
    await page.getByRole("menuitem", { name: "Teilen …" }).click();
    await expect(page.getByRole("dialog", { name: "„Sprachen hier“ teilen" })).toBeVisible();
    await page.keyboard.press("Escape");
    await chats.getByRole("button", { name: "Einstellungen" }).click();
    await expect.poll(() => violations(page)).toEqual([]);
    const sheet = page.getByRole("dialog", { name: "Einstellungen" });
    await sheet.getByRole("combobox", { name: "Sprache" }).selectOption("العربية");

    await expect(html).toHaveAttribute("dir", "rtl");
    await expect(page.getByText("Ja.", { exact: true })).toBeVisible();
    const arabic = page.getByRole("textbox", { name: "اكتب رسالة" });
    const list = page.getByRole("navigation", { name: "المحادثات" });
    const [listAt, fieldAt] = [await list.boundingBox(), await arabic.boundingBox()];
    expect(listAt?.x ?? 0, "the list stands at the right").toBeGreaterThan(fieldAt?.x ?? Infinity);
    await expect.poll(() => violations(page)).toEqual([]);
    await list.getByRole("button", { name: "الإعدادات" }).click();
    await page.getByRole("combobox", { name: "اللغة" }).selectOption("");
    await expect(html).toHaveAttribute("lang", "de");
    await expect(html).not.toHaveAttribute("dir");
  });
});

test.describe("in Arabic, on a small phone", () => {
  test.use({ locale: "ar-EG", viewport: { width: 320, height: 640 } });

  test("what few open is whole, mirrored", async ({ page }) => {
    await scenario("مرحبا", { chunks: 1, chunk_text: "أهلا." });
    await page.goto("/");
    await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
    const file = (name: string, text: string) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
    const attach = page.getByRole("button", { name: "إرفاق ملفات نصية" });
    const [files] = await Promise.all([page.waitForEvent("filechooser"), attach.click()]);
    await files.setFiles([file("ملاحظات.txt", "سطر"), file("notes.md", "# A")]);
    await expect(page.getByRole("list", { name: "مرفقات الرسالة" }).getByRole("listitem")).toHaveCount(2);
    await shape(page, "arabic attachments");

    const field = page.getByRole("textbox", { name: "اكتب رسالة" });
    await field.fill("مرحبا");
    await field.press("Control+Enter");
    await page.getByRole("button", { name: "لم تُفدني هذه الإجابة" }).click();
    await expect(page.getByLabel("ما الذي لم يكن جيدًا فيها؟")).toBeFocused();
    await shape(page, "arabic vote");
    await page.getByRole("button", { name: "ليس الآن" }).click();

    await page.getByRole("button", { name: "فتح قائمة المحادثات" }).click();
    const list = page.getByRole("navigation", { name: "المحادثات" });
    const settings = async (way: string) => {
      await list.getByRole("button", { name: "الإعدادات" }).click();
      await page.getByRole("dialog", { name: "الإعدادات" }).getByRole("button", { name: way }).click();
    };
    await settings("كيف تريد أن تكون الإجابات؟");
    await expect(page.getByLabel("الاسم الذي يناديك به")).toBeVisible();
    await shape(page, "arabic context");
    await page.keyboard.press("Escape");
    await settings("استيراد محادثات…");
    await page.getByLabel("اختيار ملف").setInputFiles(file("no.json", "<!doctype html>"));
    await expect(page.getByRole("alert").filter({ hasText: "لم يُعثر على محادثات" })).toBeVisible();
    await shape(page, "arabic import");
    await page.keyboard.press("Escape");

    await list.getByRole("button", { name: /^المزيد عن/ }).click();
    await page.getByRole("menuitem", { name: "تحديد…" }).click();
    await expect(list.getByRole("button", { name: "حذف المحدّد (1)" })).toBeVisible();
    await shape(page, "arabic selection");
    await list.getByRole("button", { name: "إلغاء" }).click();
    await list.getByRole("link", { name: "محادثة جديدة" }).click();
    await page.getByRole("switch", { name: "محادثة مؤقتة" }).click();
    await expect(page.getByText("هذه المحادثة لا تُحفظ.")).toBeVisible();
    await shape(page, "arabic temporary");
  });
});

test("a starter and a link's words stand in the field and are not sent; who answers is said before, and in the sidebar after", async ({
  page,
}) => {
  const edgewise = new EdgewisePage(page);
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/chat/messages")) sent.push(request.url());
  });
  await scenario("Plan a weekend for two", { chunks: 1, chunk_text: "Stay in." });
  const configured = page.waitForResponse("**/api/v1/config");
  await page.goto("/?q=How%20are%20you%3F");
  await expect(edgewise.composer).toHaveValue("How are you?");
  await expect(page).toHaveURL(/\/$/);
  const { models } = (await (await configured).json()) as { models: { label: string }[] };
  const [{ label } = { label: "" }] = models;
  const line = page.locator(".ai-line");
  const stored = "Your words go to the model’s provider, and are stored unless the chat is temporary";
  await expect(line).toHaveText(`AI answers, can be wrong · ${label} ${stored}`, { useInnerText: true });
  await expect.poll(() => violations(page)).toEqual([]);
  await edgewise.composer.fill("");
  await page.getByRole("button", { name: "Plan a weekend for two" }).click();
  await expect(edgewise.composer).toHaveValue("Plan a weekend for two");
  await expect(edgewise.composer).toBeFocused();
  expect(sent).toEqual([]);
  await edgewise.composer.press("Enter");
  await expect(await edgewise.settledAnswer()).toContainText("Stay in.");
  await expect(line).toHaveCount(0);
  await page.getByText("About these answers").click();
  await expect(page.getByText("You are talking to an AI, not to a person")).toContainText(label);
  await expect.poll(() => violations(page)).toEqual([]);
});
