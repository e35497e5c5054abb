// Coming to a board: from home, by a link, with less than an editor's rights, with a link that is worth nothing.

import assert from "node:assert/strict";
import { converged, Kind, Person, until } from "./harness.mjs";

async function fromHome({ server, browser }) {
  const ada = await Person.come(browser, { name: "Ada" });
  await ada.page.goto(server.url);
  await ada.page.getByTestId("new-board").click();
  await ada.page.waitForURL(/\/b\/[^/#]+$/);
  await ada.live();
  await ada.saved();
  assert.equal(new URL(ada.page.url()).hash, "", "the token has left the address bar");
  await ada.sticky(300, 300, "first");
  await ada.saved();
  const board = new URL(ada.page.url()).pathname;
  await ada.page.goto(server.url);
  const listed = ada.page.getByTestId("board-card");
  await listed.first().waitFor();
  assert.equal(await listed.count(), 1);
  await listed.first().getByRole("link").click();
  await ada.page.waitForURL((url) => url.pathname === board);
  await ada.live();
  await ada.sees("first");
  assert.deepEqual(ada.errors, []);
}

async function askedForAName({ server, browser }) {
  const { links } = await server.createBoard();
  const guest = await Person.come(browser, { name: null });
  await guest.page.route("**/tracks/*", () => undefined); // what the link leads to is never told: nobody waits for it
  await guest.page.goto(`${links.editor}&t=AAAAAAAAAAA.0`);
  const field = guest.page.getByTestId("name");
  await field.waitFor();
  assert.equal(await guest.page.getByTestId("promised").getAttribute("data-is"), "asked");
  assert.notEqual(await field.inputValue(), "", "a friendly name is already filled in");
  await field.fill("Grace");
  await guest.page.getByTestId("enter").click();
  await guest.live();
  const ada = await Person.come(browser, { name: "Ada" });
  await ada.open(links.owner);
  await until("Ada to see Grace", async () => (await ada.page.getByTestId("avatars").innerHTML()).includes("Grace"));
  await guest.page.reload();
  await guest.live();
  assert.equal(await guest.page.getByTestId("name").count(), 0, "asked once");
}

async function viewerOnlyLooks({ server, browser }) {
  const { links } = await server.createBoard();
  const ada = await Person.come(browser, { name: "Ada" });
  const eve = await Person.come(browser, { name: "Eve" });
  await ada.open(links.owner);
  await eve.open(links.viewer);
  await ada.sticky(300, 300, "look");
  await eve.sees("look");
  await eve.chipSays(/View only/);
  await eve.press("n");
  await eve.page.mouse.click(600, 300);
  await eve.page.mouse.dblclick(700, 500);
  await eve.page.keyboard.type("not allowed");
  const at = await eve.middleOf("look");
  await eve.drag(at, { x: at.x + 200, y: at.y });
  await eve.press("Delete");
  await ada.sticky(560, 300, "later");
  await eve.sees("later");
  await converged(ada, eve);
  assert.deepEqual(await ada.texts(), ["later", "look"]);
  assert.equal(await eve.page.getByTestId("tool-sticky").count(), 0);
}

async function worthlessLink({ server, browser }) {
  const { links } = await server.createBoard();
  const mallory = await Person.come(browser, { name: "Mallory" });
  const token = links.editor.split("#k=")[1];
  const broken = token.slice(0, -2) + (token.endsWith("AA") ? "BB" : "AA");
  await mallory.page.goto(links.editor.replace(token, broken));
  await until("the end to be told", async () => (await mallory.ask("state").catch(() => null))?.is === "ended");
  assert.equal((await mallory.ask("state")).code, "token");
  assert.equal(await mallory.ask("seq"), 0);
}

/** Who comes by phone sees what is read first, pans over a frame by finger, and selects it by a tap alone. */
async function byPhone({ server, browser }) {
  const { links } = await server.createBoard();
  const ada = await Person.come(browser, { name: "Ada" });
  await ada.open(links.owner);
  const frame = (text, x) => ({ kind: Kind.FRAME, fields: { 1: [x, 0], 2: [1200, 1200] }, text, parent: null });
  const far = { kind: Kind.STICKY, fields: { 1: [-900, 900], 2: [160, 160] }, text: "far", parent: null };
  await ada.ask("make", [frame("First", 0), frame("Second", 1300), far]);
  await ada.saved();
  const eve = await Person.come(browser, { name: "Eve", viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
  await eve.open(links.editor);
  await eve.sees("First");
  const corner = () => eve.ask("onScreen", { x: 0, y: 0 });
  const before = await corner();
  assert.ok(before.x > 0 && before.x < 60 && before.y > 60 && before.y < 200, `the first frame begins at ${JSON.stringify(before)}`);
  const cdp = await eve.context.newCDPSession(eve.page);
  const touch = (type, ...touchPoints) => cdp.send("Input.dispatchTouchEvent", { type, touchPoints });
  const pan = async (x, y) => {
    await touch("touchStart", { x, y });
    for (let i = 1; i <= 6; i++) await touch("touchMove", { x: x - 10 * i, y: y + 8 * i });
    await touch("touchEnd");
  };
  await pan(250, before.y - 14); // beside the title's words
  await until("the board to be panned", async () => (await corner()).x < before.x - 20);
  const then = await corner();
  await pan(250, 400);
  await until("the board to be panned by the frame's middle", async () => (await corner()).x < then.x - 20);
  assert.equal(await eve.page.getByTestId("selection-bar").count(), 0);
  await eve.page.touchscreen.tap(200, 400);
  await eve.page.getByTestId("selection-bar").waitFor();
  assert.deepEqual(eve.errors, []);
}

export const journeys = [
  ["a board is made from home with one click and listed afterwards", fromHome],
  ["opening a link asks only for a name, already filled, and once", askedForAName],
  ["a viewer sees everything and changes nothing", viewerOnlyLooks],
  ["by phone: what is read first is seen, a finger pans over a frame, a tap selects it", byPhone],
  ["a link with a wrong token opens nothing and says so", worthlessLink],
];
