// Without a network: edits are kept on the device, over a reload too, and merge when it is back.

import assert from "node:assert/strict";
import { converged, deviceRows, Person, until } from "./harness.mjs";

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

/** The board is on the device, as new as what was on screen when asked. */
async function snapshotKept(person) {
  const seq = await person.ask("seq");
  await until("the board to be kept on the device", async () => {
    const rows = await deviceRows(person.page, "snapshots");
    return rows.some((row) => row.seq >= seq);
  });
}

/** Leaving the page ends a write that is under way: what a person is to find again must be in the outbox. */
async function outboxHas(person, text) {
  const letters = new RegExp([...text].join(".*"), "s"); // typing may have left in pieces
  await until(`"${text}" to be in the outbox`, async () => {
    const rows = await deviceRows(person.page, "outbox");
    return letters.test(rows.map((row) => Buffer.from(Object.values(row.body)).toString("latin1")).join(""));
  });
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
  const twin = await ada.tab();
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
  const placeholder = await ada.context.newPage();
  await ada.page.close();
  await ada.context.setOffline(false);
  const heir = await ada.tab();
  await placeholder.close();
  await heir.sees("left behind");
  await heir.saved();
  const bo = await Person.come(browser, { name: "Bo" });
  await bo.open(links.editor);
  await bo.sees("left behind");
  await converged(heir, bo);
  assert.deepEqual(await bo.texts(), ["left behind"]);
}

/** Plain http beyond localhost: no locks, no service worker. Edits are still kept and sent once. */
async function withoutASecureContext({ server, browser }) {
  const { links } = await server.createBoard();
  const plain = new URL(links.owner);
  plain.hostname = "plenum.test";
  const ada = await Person.come(browser, { name: "Ada" });
  await ada.open(plain.href);
  assert.equal(await ada.page.evaluate(() => isSecureContext), false);
  await ada.sticky(300, 250, "plain");
  await ada.saved();
  await goAway(ada);
  await ada.chipSays(/Offline/);
  await ada.sticky(560, 250, "kept");
  await outboxHas(ada, "kept");
  await ada.context.setOffline(false);
  await ada.page.reload();
  await ada.live();
  await ada.sees("plain", "kept");
  await ada.saved();

  // A tab opened from this one starts with a copy of its sessionStorage.
  const [page] = await Promise.all([ada.context.waitForEvent("page"), ada.page.evaluate(() => void open(location.href))]);
  const twin = Object.assign(new Person(), { context: ada.context, page });
  await twin.live();
  await twin.saved();
  await twin.sticky(300, 560, "twin");
  await ada.sticky(820, 250, "self");
  await ada.saved();
  await twin.saved();
  await converged(ada, twin);
  assert.deepEqual(await ada.texts(), ["kept", "plain", "self", "twin"]);
  assert.deepEqual(ada.errors, []);
}

/** A half-dead connection: the socket looks open, nothing comes. Only the heartbeat can tell. */
async function silentConnection({ server, browser }) {
  const { ada, bo } = await pair(server, browser);
  await ada.sticky(300, 250, "one");
  await bo.sees("one");
  server.freeze();
  await ada.page.evaluate(() => dispatchEvent(new Event("online")));
  await ada.sticky(560, 250, "into the silence");
  await ada.chipSays(/Connecting|Offline/);
  server.thaw();
  await ada.saved();
  await bo.saved();
  await converged(ada, bo);
  assert.deepEqual(await bo.texts(), ["into the silence", "one"]);
}

/** The device forgot that it used some counters: their owner would be taken for somebody else. */
/** A profile that was put back from an old copy: its counters and its state of the board are of before the last edits,
 *  and the server tells those as entries under the same name. */
async function lostCounters({ server, browser }) {
  const { ada, bo } = await pair(server, browser);
  await ada.sticky(300, 250, "first");
  await ada.saved();
  await snapshotKept(ada);
  const [old] = await deviceRows(ada.page, "replicas");
  const snapshots = await deviceRows(ada.page, "snapshots");
  const newcomer = await Person.come(browser, { name: "Cy" });
  await newcomer.open(ada.link); // who comes next gets the same snapshot, and what came since
  await ada.sticky(560, 250, "since");
  await ada.saved();
  await workerReady(ada);
  await ada.page.goto(server.url);
  await deviceRows(ada.page, "replicas", [old]);
  await deviceRows(ada.page, "snapshots", snapshots);
  await ada.context.setOffline(true);
  await ada.page.goto(ada.link);
  await ada.live();
  await ada.sticky(820, 250, "offline");
  await ada.context.setOffline(false);
  await ada.saved();
  await ada.sticky(820, 500, "second");
  await ada.saved();
  await converged(ada, bo);
  assert.deepEqual(await bo.texts(), ["first", "offline", "second", "since"]);
  const after = await deviceRows(ada.page, "replicas");
  assert.deepEqual(after.length, 1);
  assert.notEqual(after[0].replica, old.replica, "a new replica was taken");
}

/** What the device kept is older than what it sent: its own entries come back to it as news. */
async function oldSnapshot({ server, browser }) {
  const { ada, bo } = await pair(server, browser);
  await ada.sticky(300, 250, "early");
  await ada.saved();
  await snapshotKept(ada);
  const old = await deviceRows(ada.page, "snapshots");
  await ada.sticky(560, 250, "later");
  await ada.saved();
  await workerReady(ada);
  await goAway(ada);
  await ada.chipSays(/Offline/);
  await ada.sticky(820, 250, "offline");
  await outboxHas(ada, "offline");
  await ada.page.goto(`${server.url}/`);
  await deviceRows(ada.page, "snapshots", old);
  await ada.page.goto(ada.link);
  await ada.live();
  await ada.sees("early", "offline");
  await ada.context.setOffline(false);
  await ada.saved();
  await converged(ada, bo);
  assert.deepEqual(await bo.texts(), ["early", "later", "offline"]);
}

export const journeys = [
  ["offline edits survive a reload and merge when the network is back", offlineAndBack],
  ["a cut connection comes back by itself", cutConnection],
  ["two tabs of one person are two writers", twinTabs],
  ["a device that forgot its counters writes under a new replica", lostCounters],
  ["an old state on the device does no harm to newer edits", oldSnapshot],
  ["without a secure context edits are kept over a reload and sent once", withoutASecureContext],
  ["a connection that went silent is noticed and replaced", silentConnection],
  ["a closed tab's unsent edits are sent by the next tab", inheritedOutbox],
];
