// Two people on one board: both make, move and write, both see all of it; and the server dies under them.

import assert from "node:assert/strict";
import { converged, Kind, Person, until } from "./harness.mjs";

async function twoOnOneBoard(server, browser) {
  const { links } = await server.createBoard();
  const ada = await Person.come(browser, { name: "Ada" });
  const bo = await Person.come(browser, { name: "Bo" });
  await ada.open(links.owner);
  await bo.open(links.editor);
  return { ada, bo };
}

const find = async (person, text) => (await person.objects()).find((object) => object.text === text);

async function editTogether({ server, browser }) {
  const { ada, bo } = await twoOnOneBoard(server, browser);
  await ada.sticky(300, 250, "from Ada");
  await bo.sees("from Ada");
  await bo.sticky(620, 250, "from Bo");
  await ada.frame({ x: 180, y: 400 }, { x: 560, y: 640 }, "Plans");
  await bo.sees("Plans");

  const before = await find(bo, "from Bo");
  const from = await bo.middleOf("from Bo");
  await bo.drag(from, { x: from.x + 120, y: from.y + 60 });
  await until("Ada to see it moved", async () => {
    const now = await find(ada, "from Bo");
    return Math.abs(now.rect.x - before.rect.x) > 60 && Math.abs(now.rect.y - before.rect.y) > 30;
  });

  await bo.editText("from Ada");
  await bo.page.keyboard.type(" and Bo");
  await bo.press("Escape");
  await ada.sees("from Ada and Bo");
  await converged(ada, bo);
  assert.deepEqual(await ada.texts(), ["Plans", "from Ada and Bo", "from Bo"]);
  assert.deepEqual(await ada.objects(), await bo.objects());
  await ada.chipSays(/Saved/);
  assert.deepEqual([...ada.errors, ...bo.errors], []);
}

async function moveAFrame({ server, browser }) {
  const { ada, bo } = await twoOnOneBoard(server, browser);
  await ada.frame({ x: 200, y: 180 }, { x: 640, y: 560 }, "Holder");
  await ada.sticky(400, 380, "held");
  const frame = await find(ada, "Holder");
  assert.equal(frame.kind, Kind.FRAME);
  assert.equal((await find(ada, "held")).parent, frame.id);
  const before = await find(ada, "held");
  // A frame is taken by its border: its inside belongs to what lies on it.
  const edge = await ada.ask("onScreen", { x: frame.rect.x + frame.rect.w / 2, y: frame.rect.y });
  await ada.page.mouse.click(900, 680);
  await ada.drag(edge, { x: edge.x + 150, y: edge.y + 40 });
  await until("the frame to have moved", async () => (await find(ada, "Holder")).rect.x > frame.rect.x + 50);
  const moved = await find(ada, "Holder");
  const held = await find(ada, "held");
  assert.equal(Math.round(held.rect.x - before.rect.x), Math.round(moved.rect.x - frame.rect.x));
  await converged(ada, bo);
  assert.deepEqual(await bo.objects(), await ada.objects());
}

async function seeEachOther({ server, browser }) {
  const { ada, bo } = await twoOnOneBoard(server, browser);
  await ada.sticky(300, 250, "carried");
  await bo.sees("carried");
  await until("two avatars", async () => (await bo.page.getByTestId("avatars").getAttribute("data-count")) === "2");
  await ada.page.mouse.move(500, 500);
  await ada.page.mouse.move(510, 505);
  await until("Bo to see Ada's cursor", async () => (await bo.ask("others")).cursors === 1);

  const middle = await ada.middleOf("carried");
  // Not where it was just made: a second press there, this fast, would be a double click.
  const at = { x: middle.x + 35, y: middle.y + 35 };
  await ada.page.mouse.move(at.x, at.y);
  await ada.page.mouse.down();
  await ada.page.mouse.move(at.x + 80, at.y + 80, { steps: 6 });
  await until("Bo to see the drag while it lasts", async () => (await bo.ask("others")).gestures === 1);
  await ada.page.mouse.up();
  await until("the gesture to be over", async () => (await bo.ask("others")).gestures === 0);

  await ada.leave();
  await until("Bo to be alone", async () => (await bo.page.getByTestId("avatars").getAttribute("data-count")) === "1");
  assert.equal((await bo.ask("others")).cursors, 0);
}

async function typeIntoOneSticky({ server, browser }) {
  const { ada, bo } = await twoOnOneBoard(server, browser);
  await ada.sticky(400, 300, "||");
  await bo.sees("||");
  await ada.editText("||");
  await bo.editText("||");
  await ada.press("Home");
  await Promise.all([ada.page.keyboard.type("alpha", { delay: 30 }), bo.page.keyboard.type("omega", { delay: 30 })]);
  await ada.press("Escape");
  await bo.press("Escape");
  await converged(ada, bo);
  assert.deepEqual(await ada.texts(), ["alpha||omega"]);
  assert.deepEqual(await bo.texts(), ["alpha||omega"]);
}

async function surviveTheCrash({ server, browser }) {
  const { ada, bo } = await twoOnOneBoard(server, browser);
  await bo.sticky(620, 250, "safe");
  await ada.beginSticky(300, 250);
  const words = "every character typed while the server dies and comes back";
  const typing = ada.page.keyboard.type(words, { delay: 60 });
  await until("some of it to be seen", async () => (await bo.texts()).some((text) => text.startsWith("every ch")));
  await server.crash();
  await ada.chipSays(/Offline|Connecting/);
  await typing;
  await ada.press("Escape");
  await ada.sticky(300, 520, "made while it was down");
  await server.restart();
  await ada.saved();
  await bo.saved();
  await converged(ada, bo);
  for (const person of [ada, bo]) {
    assert.deepEqual(await person.texts(), [words, "made while it was down", "safe"].sort());
  }
  const fresh = await Person.come(browser, { name: "Cy" });
  await fresh.open(ada.link);
  await converged(ada, fresh);
  assert.deepEqual(await fresh.objects(), await ada.objects());
  assert.deepEqual([...ada.errors, ...bo.errors], []);
}

async function undoOnlyOnesOwn({ server, browser }) {
  const { ada, bo } = await twoOnOneBoard(server, browser);
  await ada.sticky(300, 250, "mine");
  await bo.sticky(620, 250, "yours");
  await ada.sees("mine", "yours");
  // Typing and making the sticky are two gestures.
  await ada.press("Control+z");
  await bo.sees("", "yours");
  await ada.press("Control+z");
  await until("Ada's sticky to be taken back", async () => !(await bo.texts()).includes(""));
  assert.deepEqual(await bo.texts(), ["yours"]);
  await ada.press("Control+z");
  await ada.press("Control+Shift+z");
  await ada.press("Control+Shift+z");
  await bo.sees("mine", "yours");
  await converged(ada, bo);
}

export const journeys = [
  ["two people make, move and write on one board and see the same", editTogether],
  ["moving a frame moves what lies on it, for everybody", moveAFrame],
  ["cursors and drags show live, and go with their person", seeEachOther],
  ["two people type into one sticky and every character survives", typeIntoOneSticky],
  ["the server is killed while one types, and nothing is lost or doubled", surviveTheCrash],
  ["undo takes back one's own edit and nobody else's", undoOnlyOnesOwn],
];
