// Handing out a board: the desk of links, and what a changed role and a withdrawn link mean to those who are here by it.

import assert from "node:assert/strict";
import { Person, until } from "./harness.mjs";

/** The owner with the desk open, all links listed. */
async function ownerAtDesk({ server, browser }) {
  const { links } = await server.createBoard();
  const owner = await Person.come(browser, { name: "Ada" });
  await owner.open(links.owner);
  await owner.page.getByTestId("share").click();
  await until("the links to be listed", async () => (await owner.page.getByTestId("given").count()) === 3);
  return { owner, links };
}

/** Makes a link at the desk; its row. */
async function make(owner, role, end) {
  await owner.page.getByTestId("new-role").selectOption(role);
  if (end !== undefined) await owner.page.getByTestId("new-end").selectOption(String(end));
  await owner.page.getByTestId("make-link").click();
  const row = owner.page.locator("[data-fresh]");
  await row.waitFor();
  return row;
}

const connection = (person) => person.ask("state");

async function roleChanges(stage) {
  const { owner } = await ownerAtDesk(stage);
  const row = await make(owner, "editor");
  const guest = await Person.come(stage.browser, { name: "Bo" });
  await guest.open(await row.getByTestId("link-editor").inputValue());
  await guest.sticky(400, 300, "mine");
  await guest.saved();

  await row.getByTestId("given-role").selectOption("viewer");
  await guest.page.locator('[data-testid="toast"][data-key="notice.role_viewer"]').waitFor();
  await until("the tools to go", async () => (await guest.page.getByTestId("tool-sticky").count()) === 0);
  assert.deepEqual(await connection(guest), { is: "readonly", why: "role" });
  assert.deepEqual(await guest.texts(), ["mine"]);

  await owner.page.locator("[data-fresh]").getByTestId("given-role").selectOption("editor");
  await guest.page.locator('[data-testid="toast"][data-key="notice.role_editor"]').waitFor();
  await guest.sticky(600, 300, "again");
  await guest.saved();
  await owner.sees("mine", "again");
}

async function linkIsWithdrawn(stage) {
  const { owner, links } = await ownerAtDesk(stage);
  const guest = await Person.come(stage.browser, { name: "Bo" });
  const other = await Person.come(stage.browser, { name: "Eve" });
  await guest.open(links.editor);
  await other.open(links.viewer);
  const row = owner.page.locator('[data-testid="given"][data-role="editor"]');
  await row.getByTestId("withdraw").click();
  await row.getByTestId("withdraw-sure").click();
  await guest.page.getByTestId("ended").waitFor();
  assert.match(await guest.page.getByTestId("ended").innerText(), /link you came by was withdrawn/);
  assert.equal((await connection(guest)).code, "revoked");
  await until("the row to go", async () => (await owner.page.getByTestId("given").count()) === 2);
  assert.equal((await connection(other)).is, "readonly");
  const late = await Person.come(stage.browser, { name: "Late" });
  await late.page.goto(links.editor);
  await late.page.getByTestId("ended").waitFor();
}

async function lastOwnerStays(stage) {
  const { owner } = await ownerAtDesk(stage);
  const row = owner.page.locator('[data-testid="given"][data-role="owner"]');
  await row.getByTestId("withdraw").click();
  await row.getByTestId("withdraw-sure").click();
  await owner.page.getByTestId("share-error").waitFor();
  assert.equal(await owner.page.getByTestId("given").count(), 3);
  assert.equal((await connection(owner)).is, "saved");
}

async function twoBoardsTwoRoles({ server, browser }) {
  const one = await server.createBoard("One");
  const two = await server.createBoard("Two");
  const ada = await Person.come(browser, { name: "Ada" });
  await ada.open(one.links.editor);
  const tab = await ada.tab(two.links.viewer);
  await ada.sticky(400, 300, "here");
  await ada.saved();
  assert.equal((await connection(tab)).is, "readonly");
  assert.equal(await tab.page.getByTestId("tool-sticky").count(), 0);
  assert.deepEqual(await tab.texts(), []);
}

export const journeys = [
  ["a link's role is changed while somebody is here by it, and they are told", roleChanges],
  ["a withdrawn link sends its people away kindly and nobody else", linkIsWithdrawn],
  ["the last owner's link cannot be withdrawn", lastOwnerStays],
  ["one browser edits one board and only looks at another", twoBoardsTwoRoles],
];
