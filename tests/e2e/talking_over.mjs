// Talking over a board: comments from pin to answer, reactions, the laser, slides; and who may.

import assert from "node:assert/strict";
import { converged, Person, until } from "./harness.mjs";

async function commentAt(person, at, text) {
  await person.press("c");
  await person.page.mouse.click(at.x, at.y);
  await person.page.getByTestId("comment-text").waitFor();
  await person.page.keyboard.type(text);
  await person.press("Enter");
  await person.page.getByTestId("thread-card").waitFor();
}

const pins = (person) => person.page.getByTestId("pin");
const messages = (person) => person.page.getByTestId("message").locator(".message-text").allInnerTexts();

async function commentAndAnswer({ server, browser }) {
  const { links } = await server.createBoard();
  const ada = await Person.come(browser, { name: "Ada" });
  const bo = await Person.come(browser, { name: "Bo" });
  await ada.open(links.owner);
  await bo.open((await server.makeLink(links, "commenter")).url);
  await ada.sticky(500, 360, "to be discussed");
  await bo.sees("to be discussed");
  // A commenter has no tools that make, but may say something.
  assert.equal(await bo.page.getByTestId("tool-sticky").count(), 0);
  await bo.chipSays(/Saved/);
  const at = await bo.middleOf("to be discussed");
  await commentAt(bo, { x: at.x + 30, y: at.y + 30 }, "Is this still true?");

  await pins(ada).and(ada.page.locator("[data-unread]")).waitFor();
  const outline = ada.page.getByTestId("outline");
  await until("the outline to have it", async () => /Bo: Is this still true\?.*unread/.test(await outline.textContent()));
  await pins(ada).click();
  assert.deepEqual(await messages(ada), ["Is this still true?"]);
  assert.equal(await pins(ada).getAttribute("data-unread"), null);
  await ada.page.getByTestId("comment-text").fill("It was last week.");
  await ada.page.getByTestId("comment-send").click();
  await until("Bo to have the answer", async () => (await messages(bo)).length === 2);
  await ada.saved();
  await bo.saved();

  await server.crash();
  await server.restart();
  await converged(ada, bo);
  assert.deepEqual(await messages(bo), ["Is this still true?", "It was last week."]);

  // The pin keeps to what it is about.
  await ada.press("Escape");
  const before = await pins(bo).boundingBox();
  const from = await ada.middleOf("to be discussed");
  await ada.drag({ x: from.x - 30, y: from.y - 30 }, { x: from.x + 90, y: from.y + 20 });
  await until("the pin to have moved along", async () => (await pins(bo).boundingBox()).x > before.x + 80);

  await bo.page.getByTestId("comment-resolve").click();
  await until("the thread to be resolved", async () => (await pins(ada).count()) === 0);
  await ada.page.getByTestId("comments").click();
  await ada.page.getByTestId("comments-which").getByRole("button").nth(1).click();
  assert.equal(await ada.page.getByTestId("thread-row").count(), 1);
  assert.deepEqual([...ada.errors, ...bo.errors], []);
}

async function nothingIsMadeOfNothing({ server, browser }) {
  const { links } = await server.createBoard();
  const ada = await Person.come(browser, { name: "Ada" });
  const eve = await Person.come(browser, { name: "Eve" });
  await ada.open(links.owner);
  await eve.open(links.viewer);
  assert.equal(await eve.page.getByTestId("tool-comment").count(), 0);
  await ada.saved();
  const seq = await ada.ask("seq");
  await ada.press("c");
  await ada.page.mouse.click(400, 300);
  await ada.page.getByTestId("comment-text").waitFor();
  await ada.press("Enter");
  await ada.press("Escape");
  await until("the card to be gone", async () => (await ada.page.getByTestId("comment-new").count()) === 0);
  assert.equal(await ada.ask("pending"), 0);
  assert.equal(await ada.ask("seq"), seq);

  // What was written and not sent is there when the next one is begun, and one undo takes back what was sent.
  await ada.press("c");
  await ada.page.mouse.click(400, 300);
  await ada.page.keyboard.type("half a thou");
  await ada.press("Escape");
  await ada.press("c");
  await ada.press("Enter"); // by the keyboard alone: in the middle of the view
  await ada.page.getByTestId("comment-text").waitFor();
  await ada.page.keyboard.type("ght");
  await ada.press("Enter");
  await until("Eve to see it", async () => (await pins(eve).count()) === 1);
  await pins(eve).click();
  assert.deepEqual(await messages(eve), ["half a thought"]);
  assert.equal(await eve.page.getByTestId("comment-text").count(), 0, "a viewer reads");
  await ada.press("Escape");
  await ada.press("Control+z");
  await until("it to be taken back", async () => (await pins(eve).count()) === 0);
}

/** How many people gave an object each reaction, by its number. */
async function reactions(person, text) {
  return (await person.objects()).find((object) => object.text === text)?.reactions;
}

async function reactAndPoint({ server, browser }) {
  const { links } = await server.createBoard();
  const ada = await Person.come(browser, { name: "Ada" });
  const bo = await Person.come(browser, { name: "Bo" });
  await ada.open(links.owner);
  await bo.open((await server.makeLink(links, "commenter")).url);
  await ada.sticky(500, 360, "well done");
  await bo.sees("well done");
  for (const person of [ada, bo]) {
    const at = await person.middleOf("well done");
    await person.page.mouse.click(at.x + 30, at.y + 30);
    await person.page.getByTestId("react").click();
    await person.page.getByTestId("react-2").click();
  }
  for (const person of [ada, bo]) {
    await until("both to count", async () => (await reactions(person, "well done"))[2] === 2);
  }
  // A press on the badge takes one's own back; pointing at it says whose the rest is.
  const badge = await bo.ask("badgeOnScreen", (await bo.objects())[0].id);
  await bo.press("Escape");
  await bo.page.mouse.click(badge.x, badge.y);
  await until("one to be left", async () => (await reactions(ada, "well done"))[2] === 1);
  const left = await ada.ask("badgeOnScreen", (await ada.objects())[0].id);
  await ada.press("Escape");
  await ada.page.mouse.move(left.x, left.y);
  assert.equal(await ada.page.getByTestId("badge-tip").innerText(), "Ada");

  await bo.press("k");
  await bo.page.mouse.move(300, 500);
  await bo.page.mouse.down();
  await bo.page.mouse.move(420, 520, { steps: 4 });
  await until("Ada to see the laser", async () => (await ada.ask("others")).lasers === 1);
  await bo.page.mouse.up();
  await until("the laser to be out", async () => (await ada.ask("others")).lasers === 0);
  assert.deepEqual([...ada.errors, ...bo.errors], []);
}

const slideTitles = (person) => person.page.getByTestId("slide").locator(".slide-title").allInnerTexts();
const shown = (person) => person.page.getByTestId("slide-place").locator("[aria-hidden]").innerText();

async function slidesInOrder({ server, browser }) {
  const { links } = await server.createBoard();
  const ada = await Person.come(browser, { name: "Ada" });
  const bo = await Person.come(browser, { name: "Bo" });
  await ada.open(links.owner);
  await bo.open(links.viewer);
  for (const [i, title] of ["One", "Two", "Three"].entries()) {
    await ada.frame({ x: 120 + i * 280, y: 200 }, { x: 360 + i * 280, y: 380 }, title);
  }
  await ada.press("Escape");
  for (const person of [ada, bo]) {
    await person.page.getByTestId("slides").click();
    await until("the slides in reading order", async () => (await slideTitles(person)).join() === "One,Two,Three");
  }
  assert.equal(await bo.page.getByTestId("slide-grip").count(), 0, "a viewer moves none");

  await ada.page.getByTestId("slide-grip").nth(2).focus();
  await ada.press("ArrowUp");
  await until("Three to be second for both", async () => (await slideTitles(bo)).join() === "One,Three,Two");
  await ada.press("ArrowUp");
  await until("and first, the focus with it", async () => (await slideTitles(bo)).join() === "Three,One,Two");
  const grip = await ada.page.getByTestId("slide-grip").nth(0).boundingBox();
  const last = await ada.page.getByTestId("slide-grip").nth(2).boundingBox();
  await ada.drag({ x: grip.x + 8, y: grip.y + 20 }, { x: last.x + 8, y: last.y + 24 });
  await until("the dragged one to be last", async () => (await slideTitles(bo)).join() === "One,Two,Three");
  await ada.press("Escape");
  await ada.press("Control+z");
  await until("one undo to be one step", async () => (await slideTitles(bo)).join() === "Three,One,Two");

  const before = await bo.ask("onScreen", { x: 0, y: 0 });
  await bo.page.getByTestId("present").click();
  await until("the first slide", async () => (await shown(bo)) === "1 / 3");
  await until("all of it to stand above the bar", () => bo.page.evaluate(() => {
    const [slide, bar] = [".present-mask", ".present-bar"].map((part) => document.querySelector(part).getBoundingClientRect());
    return slide.y > 0 && slide.bottom < bar.y && bar.y - slide.bottom < 40;
  }));
  await bo.press("ArrowRight");
  await bo.page.getByTestId("present-cover").click();
  await until("the last slide", async () => (await shown(bo)) === "3 / 3");
  await bo.press("n");
  await bo.press("PageUp");
  await until("the second slide", async () => (await shown(bo)) === "2 / 3");
  assert.equal(await bo.page.getByTestId("toolbar").isVisible(), false);
  await bo.press("Escape");
  await bo.page.getByTestId("toolbar").waitFor();
  await until("the view to be as it was", async () => {
    const now = await bo.ask("onScreen", { x: 0, y: 0 });
    return Math.hypot(now.x - before.x, now.y - before.y) < 2;
  });
  assert.deepEqual([...ada.errors, ...bo.errors], []);
}

export const journeys = [
  ["a comment by one is answered by another, stays through kill -9, and goes with its object", commentAndAnswer],
  ["two people react to one sticky, one takes it back, and points with the laser", reactAndPoint],
  ["frames are slides in an order of their own, and are presented one after the other", slidesInOrder],
  ["an empty comment makes nothing, an unsent one is not lost, and a viewer only reads", nothingIsMadeOfNothing],
];
