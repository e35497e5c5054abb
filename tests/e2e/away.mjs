// Without a network: edits are kept on the device, over a reload too, and merge when it is back.

import assert from "node:assert/strict";
import { converged, Person, until } from "./harness.mjs";

async function pair(server, browser) {
  const { links } = await server.createBoard();
  const ada = await Person.come(browser, { name: "Ada" });
  const bo = await Person.come(browser, { name: "Bo" });
  await ada.open(links.owner);
  await bo.open(links.editor);
  return { ada, bo };
}

/** The network is gone for this person: new connections fail, and the one there is breaks. */
async function goAway(person) {
  await person.context.setOffline(true);
  await person.ask("dropSocket");
}

async function kept(person) {
  return Number(await person.page.getByTestId("chip").getAttribute("data-kept"));
}

async function offlineAndBack({ server, browser }) {
  const { ada, bo } = await pair(server, browser);
  await ada.sticky(300, 250, "before");
  await bo.sees("before");
  await ada.saved();
  await workerReady(ada);
  await snapshotKept(ada);

  await goAway(ada);
  await ada.chipSays(/Offline/);
  await ada.sticky(560, 250, "written offline");
  await bo.sticky(820, 300, "written online");
  await bo.editText("before");
  await bo.page.keyboard.type(" and after");
  await bo.press("Escape");
  await ada.chipSays(/Offline: \d+ changes? kept/);
  const count = await kept(ada);
  assert.ok(count > 0);

  await ada.page.reload();
  await ada.live();
  await ada.sees("before", "written offline");
  await ada.chipSays(/Offline: \d+ changes? kept/);
  assert.equal(await kept(ada), count);
  await ada.sticky(300, 560, "after the reload");

  await ada.context.setOffline(false);
  await ada.saved();
  await ada.chipSays(/Saved/);
  await converged(ada, bo);
  const all = ["after the reload", "before and after", "written offline", "written online"];
  assert.deepEqual(await ada.texts(), all);
  assert.deepEqual(await bo.texts(), all);
  assert.deepEqual([...ada.errors, ...bo.errors], []);
}

/** The service worker has the page; without it there is no opening offline. */
async function workerReady(person) {
  await until("the service worker", () =>
    person.page.evaluate(async () => {
      const ready = await navigator.serviceWorker.getRegistration();
      return ready?.active?.state === "activated";
    }),
  );
}

/** The board is on the device, newer than what is on screen when asked. */
async function snapshotKept(person) {
  const seq = await person.ask("seq");
  await until("the board to be kept on the device", () =>
    person.page.evaluate(
      (wanted) =>
        new Promise((resolve) => {
          const open = indexedDB.open("plenum");
          open.onsuccess = () => {
            const all = open.result.transaction("snapshots").objectStore("snapshots").getAll();
            all.onsuccess = () => {
              resolve(all.result.some((row) => row.seq >= wanted));
              open.result.close();
            };
          };
        }),
      seq,
    ),
  );
}

async function cutConnection({ server, browser }) {
  const { ada, bo } = await pair(server, browser);
  await ada.sticky(300, 250, "one");
  await bo.sees("one");
  for (const text of ["two", "three"]) {
    await ada.ask("dropSocket");
    await ada.sticky(text === "two" ? 560 : 820, 250, text);
    await bo.sees(text);
  }
  await ada.saved();
  await converged(ada, bo);
  assert.deepEqual(await bo.texts(), ["one", "three", "two"]);
}

async function twinTabs({ server, browser }) {
  const { links } = await server.createBoard();
  const ada = await Person.come(browser, { name: "Ada" });
  await ada.open(links.owner);
  await ada.sticky(300, 250, "first tab");
  const twin = Object.assign(new Person(), { context: ada.context, page: await ada.context.newPage() });
  await twin.open(links.owner);
  await twin.sees("first tab");
  await twin.sticky(560, 250, "second tab");
  await ada.sticky(820, 250, "first again");
  await ada.saved();
  await twin.saved();
  await converged(ada, twin);
  assert.deepEqual(await ada.texts(), ["first again", "first tab", "second tab"]);
}

/** A tab that goes down with unsent edits leaves them to the next one. */
async function inheritedOutbox({ server, browser }) {
  const { links } = await server.createBoard();
  const ada = await Person.come(browser, { name: "Ada" });
  await ada.open(links.owner);
  await ada.saved();
  await goAway(ada);
  await ada.chipSays(/Offline/);
  await ada.sticky(300, 250, "left behind");
  const second = await ada.context.newPage();
  await ada.page.close();
  await ada.context.setOffline(false);
  const heir = Object.assign(new Person(), { context: ada.context, page: second });
  await heir.open(links.owner);
  await heir.sees("left behind");
  await heir.saved();
  const bo = await Person.come(browser, { name: "Bo" });
  await bo.open(links.editor);
  await bo.sees("left behind");
  await converged(heir, bo);
  assert.deepEqual(await bo.texts(), ["left behind"]);
}

export const journeys = [
  ["offline edits survive a reload and merge when the network is back", offlineAndBack],
  ["a cut connection comes back by itself", cutConnection],
  ["two tabs of one person are two writers", twinTabs],
  ["a closed tab's unsent edits are sent by the next tab", inheritedOutbox],
];
