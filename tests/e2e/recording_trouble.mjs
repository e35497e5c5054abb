// What goes wrong while somebody records: the network, the devices, the disk, the page. Each time nothing is lost that was
// said more than two seconds before, and the speaker is told plainly.

import assert from "node:assert/strict";
import { deviceRows, Person, until } from "./harness.mjs";
import { ALLOWED, choose, id, lengthPlayed, publish, recorded, seconds, sent, start, tracksOf } from "./recording.mjs";

const SAID_MAY_GO_MS = 2000;

/** Streams that the page got are there to be troubled: `__heard`. */
const EAVESDROP = () => {
  const ask = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
  globalThis.__heard = [];
  if (ask) {
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      globalThis.__heard.push(stream);
      return stream;
    };
  }
};

/** A device is pulled out: its track ends by itself, which only the browser can make a track do. */
const unplug = (person, kind) =>
  person.page.evaluate((wanted) => {
    for (const track of globalThis.__heard.at(-1).getTracks()) {
      if (track.kind !== wanted) continue;
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
  }, kind);

const setMuted = (person, muted) =>
  person.page.evaluate((now) => {
    const [track] = globalThis.__heard.at(-1).getAudioTracks();
    Object.defineProperty(track, "muted", { configurable: true, get: () => now });
    track.dispatchEvent(new Event(now ? "mute" : "unmute"));
  }, muted);

async function speaker(browser, links, options = {}) {
  const mei = await Person.come(browser, { name: "Mei", ...ALLOWED, ...options });
  await mei.context.addInitScript(EAVESDROP);
  await mei.open(links.editor);
  return mei;
}

const told = (person, words) =>
  until(`to be told ${words}`, async () => words.test(await person.page.locator(".toasts").innerText()));
const at = async (person) => seconds(await id(person, "record-time").innerText());
const near = (ms, wanted, by) => assert.ok(Math.abs(ms - wanted) <= by, `${ms} ms, wanted ${wanted}`);

async function finish(person) {
  await id(person, "record-finish").click();
  await id(person, "record-review").waitFor();
}

/** How long the review says it is, in ms. */
const spokenMs = async (person) => Number(await id(person, "record-to").getAttribute("max"));

async function longOffline({ server, browser }) {
  const { links } = await server.createBoard();
  const mei = await speaker(browser, links);
  await choose(mei, "microphone");
  await start(mei);
  await recorded(mei, 2);
  await sent(mei);
  const media = (await deviceRows(mei.page, "chunks")).filter((row) => row.stream === "media");
  assert.ok(media.length <= 1, "what the server has makes room on the device");
  await mei.context.setOffline(true);
  await until("the bar to say that there is no network", async () =>
    (await id(mei, "record-safety").getAttribute("data-state")) === "waiting");
  await recorded(mei, 22);
  await mei.context.setOffline(false);
  await recorded(mei, 24);
  await finish(mei);
  const spoken = await spokenMs(mei);
  await publish(mei, "Through a tunnel");
  const [track] = await tracksOf(mei);
  assert.equal(track.segments.length, 1);
  near(track.played_ms, spoken, 1000);
  near((await lengthPlayed(mei, track)) * 1000, track.played_ms, 250);
}

async function microphoneGone({ server, browser }) {
  const { links } = await server.createBoard();
  const mei = await speaker(browser, links);
  await choose(mei, "microphone");
  await start(mei);
  await recorded(mei, 2);
  await unplug(mei, "audio");
  await told(mei, /microphone went away/);
  await id(mei, "record-setup").waitFor(); // another one can be chosen at once
  await mei.page.waitForSelector("[data-testid=record-preview][data-live=true]");
  await start(mei);
  await recorded(mei, 4);
  await finish(mei);
  await publish(mei, "With another one");
  const [track] = await tracksOf(mei);
  assert.deepEqual(track.segments.map((segment) => segment.state), ["done", "done"]);
  assert.ok(track.segments[0].length_ms >= 1900, `${track.segments[0].length_ms} ms were kept of what was said before`);
  assert.deepEqual(mei.errors, []);
}

async function cameraGone({ server, browser }) {
  const { links } = await server.createBoard();
  const mei = await speaker(browser, links);
  await choose(mei, "camera");
  await start(mei);
  await recorded(mei, 2);
  await unplug(mei, "video");
  await told(mei, /camera went away.*still recorded/);
  await recorded(mei, 4);
  assert.equal(await id(mei, "record-bar").getAttribute("data-phase"), "recording", "the voice goes on");
  await setMuted(mei, true);
  await id(mei, "record-told").waitFor();
  assert.equal(await id(mei, "record-told").getAttribute("data-code"), "muted");
  await setMuted(mei, false);
  await id(mei, "record-told").waitFor({ state: "detached" });
  await finish(mei);
  await publish(mei, "Heard, not seen");
  const [track] = await tracksOf(mei);
  assert.ok(track.played_ms >= 3900, `${track.played_ms} ms`);
  near((await lengthPlayed(mei, track)) * 1000, track.played_ms, 500);
}

async function twoTabs({ server, browser }) {
  const { links } = await server.createBoard("Both");
  const mei = await speaker(browser, links);
  const other = await mei.tab();
  for (const tab of [mei, other]) {
    await choose(tab, "none");
    await start(tab);
    await tab.press("Escape");
  }
  await recorded(other, 2);
  await sent(other);
  assert.equal(await id(other, "record-left").count(), 0, "what another tab records is not left over");
  // A third one finds both in the panel, and leaves them to those that have them.
  const third = await mei.tab();
  await id(third, "tracks").click();
  await until("both to be listed", async () => (await id(third, "track-finish").count()) === 2);
  await id(third, "track-finish").first().click();
  await told(third, /Another page has this recording open/);
  for (const tab of [mei, other]) {
    await finish(tab);
    await publish(tab, tab === mei ? "One" : "Other");
  }
  const tracks = await tracksOf(mei);
  assert.deepEqual(tracks.map((track) => track.title).sort(), ["One", "Other"]);
  assert.ok(tracks.every((track) => track.segments.length === 1 && track.played_ms >= 1900), JSON.stringify(tracks));
}

async function fullDevice({ server, browser }) {
  const { links } = await server.createBoard();
  const mei = await speaker(browser, links);
  const devtools = await mei.context.newCDPSession(mei.page);
  await choose(mei, "camera");
  await start(mei);
  await recorded(mei, 1);
  const { usage } = await mei.page.evaluate(() => navigator.storage.estimate());
  await devtools.send("Storage.overrideQuotaForOrigin", { origin: server.url, quotaSize: Math.max(1, Math.round(usage / 2)) });
  await told(mei, /This device is full/);
  assert.notEqual(await id(mei, "record-safety").getAttribute("data-full"), null);
  const then = await at(mei);
  await recorded(mei, then + 3);
  assert.equal(await id(mei, "record-bar").getAttribute("data-phase"), "recording", "the server takes it");
  await finish(mei);
  const spoken = await spokenMs(mei);
  await publish(mei, "On a full disk");
  const [track] = await tracksOf(mei);
  near(track.played_ms, spoken, 500);
  near((await lengthPlayed(mei, track)) * 1000, track.played_ms, 500);
}

async function fullDeviceRehearsal({ server, browser }) {
  const { links } = await server.createBoard();
  const mei = await speaker(browser, links);
  const devtools = await mei.context.newCDPSession(mei.page);
  await choose(mei, "camera");
  await id(mei, "record-rehearsal").check();
  await start(mei);
  await recorded(mei, 2);
  await devtools.send("Storage.overrideQuotaForOrigin", { origin: server.url, quotaSize: 1 });
  await told(mei, /This device is full: the recording ends here/);
  await id(mei, "record-keep").click(); // what there is can still be sent
  const spoken = await spokenMs(mei);
  await publish(mei, "As far as it went");
  const [track] = await tracksOf(mei);
  near(track.played_ms, spoken, 500);
  assert.ok(spoken >= 1900);
}

/** The renderer is killed, as by a lack of memory: nothing runs any more, not even a last event. */
async function killed({ server, browser }) {
  const { links } = await server.createBoard();
  for (const source of ["microphone", "camera"]) {
    const mei = await speaker(browser, links);
    await choose(mei, source);
    await start(mei);
    await recorded(mei, 5);
    const reachedMs = 1000 * (await at(mei)); // at least: the bar counts whole seconds
    const devtools = await mei.context.newCDPSession(mei.page);
    devtools.send("Page.crash").catch(() => undefined);
    await new Promise((resolve) => mei.page.once("crash", resolve));
    const again = await mei.tab();
    await id(again, "record-left-finish").click();
    await id(again, "record-review").waitFor();
    const kept = await spokenMs(again);
    assert.ok(kept >= reachedMs - SAID_MAY_GO_MS, `${kept} ms of ${reachedMs} were kept`);
    await publish(again, source);
    const track = (await tracksOf(again)).find((row) => row.title === source);
    near((await lengthPlayed(again, track)) * 1000, track.played_ms, 500);
    await mei.leave();
  }
}

/** Chunks get no further than this page, but for those that may outlive it. */
const holdBack = (person) =>
  person.page.evaluate(() => {
    const real = globalThis.fetch;
    globalThis.fetch = (path, asked) =>
      asked?.method === "PUT" && !asked.keepalive ? new Promise(() => undefined) : real(path, asked);
  });

/** The tab is closed as people close tabs: what is small goes up in its last moment, though nobody comes back to it. */
async function closedTab({ server, browser }) {
  const { links } = await server.createBoard();
  const mei = await speaker(browser, links);
  mei.page.on("dialog", (dialog) => dialog.accept()); // "leave this page?"
  await choose(mei, "microphone");
  await start(mei);
  await recorded(mei, 2);
  await sent(mei);
  await holdBack(mei);
  await recorded(mei, 4);
  const [{ segments: [before] }] = await tracksOf(mei);
  await recorded(mei, 6);
  const [{ segments: [held] }] = await tracksOf(mei);
  assert.equal(held.chunks.media, before.chunks.media, "nothing got through meanwhile");
  const cookies = await mei.context.cookies();
  await mei.page.goto("about:blank");
  const other = await Person.come(browser, { name: "Mei", ...ALLOWED });
  await other.context.addCookies(cookies);
  await other.open(links.editor);
  await until("what was said last to be with the server", async () =>
    (await tracksOf(other))[0].segments[0].chunks.media > held.chunks.media);
}

/** The server's limits, made small on their way. */
async function atTheLimit({ server, browser }) {
  const { links } = await server.createBoard();
  const mei = await speaker(browser, links);
  await mei.page.route(/\/tracks$/, async (route) => {
    if (route.request().method() !== "GET") return route.continue();
    const answer = await route.fetch();
    const body = await answer.json();
    await route.fulfill({ response: answer, json: { ...body, limits: { ...body.limits, track_ms: 7000 } } });
  });
  await choose(mei, "microphone");
  await start(mei);
  await id(mei, "record-told").waitFor();
  assert.equal(await id(mei, "record-told").getAttribute("data-code"), "left");
  await told(mei, /no more than this/);
  await id(mei, "record-review").waitFor();
  const spoken = await spokenMs(mei);
  assert.ok(spoken >= 4900 && spoken <= 7000, `${spoken} ms`);
  await publish(mei, "All of it");
  const rows = await deviceRows(mei.page, "chunks");
  assert.deepEqual(rows, [], "nothing of it is left on the device");
  const [track] = await tracksOf(mei);
  near(track.played_ms, spoken, 300);
}

/** A tab from before an update, and one from after the next: the device's database is handed on, and waited for aloud. */
async function updated({ server, browser }) {
  const { links } = await server.createBoard();
  const mei = await Person.come(browser, { name: "Mei", ...ALLOWED });
  const open = (page, version) =>
    page.evaluate((wanted) => {
      const asking = indexedDB.open("plenum", wanted);
      globalThis.__opened = new Promise((resolve) => {
        asking.onsuccess = () => resolve(asking.result);
        asking.onupgradeneeded = ({ oldVersion }) => {
          if (oldVersion > 0) return;
          asking.result.createObjectStore("boards", { keyPath: "board" });
          asking.result.createObjectStore("outbox", { keyPath: ["board", "replica", "ctr0"] });
          asking.result.createObjectStore("replicas", { keyPath: ["board", "replica"] });
          asking.result.createObjectStore("snapshots", { keyPath: "board" });
        };
      });
    }, version);
  const opened = (page) => page.evaluate(() => globalThis.__opened.then((db) => db.version));
  const before = await mei.context.newPage();
  await before.goto(`${server.url}/manifest.webmanifest`);
  await open(before, 1);
  assert.equal(await opened(before), 1);
  const opening = mei.open(links.editor);
  await id(mei, "waiting").waitFor();
  await before.close();
  await opening;
  // The next update comes while something is recorded: that comes first.
  await choose(mei, "none");
  await start(mei);
  await mei.press("Escape");
  const after = await mei.context.newPage();
  await after.goto(`${server.url}/manifest.webmanifest`);
  await open(after, 99);
  await recorded(mei, 2);
  await finish(mei);
  await publish(mei, "Before the update");
  assert.equal((await tracksOf(mei)).length, 1);
  assert.equal(await opened(after), 99);
  await told(mei, /Reload this page/);
}

export const journeys = [
  ["a recording goes on through 20 s without a network", longOffline, "long"],
  ["a microphone that is pulled out while recording loses nothing, and another goes on", microphoneGone],
  ["a camera that is pulled out, or a muted microphone, is said, and recording goes on", cameraGone, "long"],
  ["two tabs of one person record at once, each their own", twoTabs, "long"],
  ["a recording goes on to the server when the device is full", fullDevice, "long"],
  ["a rehearsal ends when the device is full, and can be kept", fullDeviceRehearsal, "long"],
  ["a tab that is killed while recording loses two seconds at most", killed, "long"],
  ["a tab that is closed while recording sends what is left", closedTab],
  ["a recording ends by itself at the limit, after saying so", atTheLimit, "long"],
  ["an update waits for the tabs before it, says so, and lets a recording end", updated],
];
