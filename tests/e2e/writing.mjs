// Writing in the languages people write in, with the input methods they use.

import assert from "node:assert/strict";
import { converged, Person, until } from "./harness.mjs";

/** Types through an input method, as Chromium's own protocol plays one. */
async function compose(person, steps, final) {
  const cdp = await person.context.newCDPSession(person.page);
  for (const text of steps) {
    await cdp.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
  }
  await cdp.send("Input.insertText", { text: final });
  await cdp.detach();
}

async function inputMethod({ server, browser }) {
  const { links } = await server.createBoard();
  const mei = await Person.come(browser, { name: "小梅", language: "zh" });
  const bo = await Person.come(browser, { name: "Bo" });
  await mei.open(links.owner);
  await bo.open(links.editor);
  await mei.chipSays(/已保存/);

  await mei.beginSticky(400, 300);
  const cdp = await mei.context.newCDPSession(mei.page);
  for (const text of ["n", "ni", "nihao"]) {
    await cdp.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
  }
  await bo.sticky(760, 300, "a witness");
  await mei.sees("a witness");
  assert.ok(!(await bo.texts()).some((text) => text.startsWith("n")), "nothing leaves while composing");
  await cdp.send("Input.insertText", { text: "你好" });
  await cdp.detach();
  await bo.sees("你好");
  await compose(mei, ["s", "shi", "shijie"], "世界");
  await bo.sees("你好世界");
  await mei.press("Escape");
  await converged(mei, bo);
  assert.deepEqual(await bo.texts(), ["a witness", "你好世界"]);
}

/** Another's text arrives in the middle of a composition: neither is lost. */
async function composedAgainstAnother({ server, browser }) {
  const { links } = await server.createBoard();
  const mei = await Person.come(browser, { name: "小梅", language: "zh" });
  const bo = await Person.come(browser, { name: "Bo" });
  await mei.open(links.owner);
  await bo.open(links.editor);
  await mei.sticky(400, 300, "start");
  await bo.sees("start");
  await mei.editText("start");
  const cdp = await mei.context.newCDPSession(mei.page);
  await cdp.send("Input.imeSetComposition", { text: "zhong", selectionStart: 5, selectionEnd: 5 });
  await bo.editText("start");
  await bo.press("Home");
  await bo.page.keyboard.type("re");
  await bo.press("Escape");
  await mei.sees("restart");
  await cdp.send("Input.insertText", { text: "中" });
  await cdp.detach();
  await mei.press("Escape");
  await bo.sees("restart中");
  await converged(mei, bo);
  assert.deepEqual(await mei.texts(), ["restart中"]);
}

/** Shortcuts are letters; while text is written they are only letters. */
async function lettersAreLetters({ server, browser }) {
  const { links } = await server.createBoard();
  const ada = await Person.come(browser, { name: "Ada" });
  await ada.open(links.owner);
  await ada.sticky(400, 300, "nnn fff rrr [ ] ? 🎉");
  await until("one object", async () => (await ada.objects()).length === 1);
  await ada.saved();
  assert.deepEqual(await ada.texts(), ["nnn fff rrr [ ] ? 🎉"]);
}

export const journeys = [
  ["an input method composes Chinese, and nothing leaves before it is done", inputMethod],
  ["text of another arrives while an input method composes, and both survive", composedAgainstAnother],
  ["letters typed into a sticky are not shortcuts", lettersAreLetters],
];
