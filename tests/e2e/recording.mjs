// Recording a talk-track: with a microphone and with a camera, through pauses, crashes and a browser that says no.

import assert from "node:assert/strict";
import { Person, PATIENCE_MS, until } from "./harness.mjs";

const TRACK = 20; // a card's kind
export const ALLOWED = { permissions: ["microphone", "camera"], reducedMotion: "reduce" }; // no countdown
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

export const id = (person, name) => person.page.getByTestId(name);
export const seconds = (text) => text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);

export async function choose(person, source) {
  await id(person, "menu").click();
  await id(person, "record").click();
  await id(person, "record-setup").waitFor();
  await person.page.locator(`[data-testid=record-source] [data-value=${source}]`).click();
  if (source !== "none") await person.page.waitForSelector("[data-testid=record-preview][data-live=true]");
}

export async function start(person) {
  await id(person, "record-start").click();
  await id(person, "record-bar").waitFor();
}

/** Mei records on a board of its own. */
export async function speaking(server, browser, source) {
  const { links } = await server.createBoard();
  const mei = await Person.come(browser, { name: "Mei", ...ALLOWED });
  await mei.open(links.editor);
  await choose(mei, source);
  await start(mei);
  return { mei, links };
}

export async function recorded(person, least) {
  await until(`${least} s to be recorded`, async () => seconds(await id(person, "record-time").innerText()) >= least);
}

export async function publish(person, title) {
  await id(person, "record-review").waitFor();
  await id(person, "record-title").fill(title);
  await id(person, "record-publish").click();
  await id(person, "record-review").waitFor({ state: "detached" });
}

export async function sent(person) {
  await until("all of it to be with the server", async () =>
    (await id(person, "record-safety").getAttribute("data-state")) === "sent");
}

/** The board's tracks, as the server tells this person. */
export async function tracksOf(person) {
  const board = new URL(person.page.url()).pathname.split("/")[2];
  const token = new URL(person.link).hash.replace(/^#k=/, "").split("&")[0];
  return person.page.evaluate(async ([path, bearer]) => {
    const answer = await fetch(path, { headers: { authorization: `Bearer ${bearer}` } });
    return (await answer.json()).tracks;
  }, [`/api/boards/${board}/tracks`, token]);
}

export async function lengthPlayed(person, track) {
  const board = new URL(person.page.url()).pathname.split("/")[2];
  return person.page.evaluate(
    (url) =>
      new Promise((resolve, reject) => {
        const media = document.createElement("video");
        media.onloadedmetadata = () => resolve(media.duration);
        media.onerror = () => reject(new Error("it cannot be played"));
        media.src = url;
      }),
    `/api/boards/${board}/tracks/${track.track}/segments/0/media`,
  );
}

export const cardsOf = async (person) => (await person.objects()).filter((object) => object.kind === TRACK);

async function withMicrophone({ server, browser }) {
  const { links } = await server.createBoard("Themes");
  const mei = await Person.come(browser, { name: "Mei", ...ALLOWED });
  const ana = await Person.come(browser, { name: "Ana" });
  await mei.open(links.editor);
  await ana.open(links.viewer);
  await mei.frame({ x: 120, y: 160 }, { x: 520, y: 420 }, "First");
  await mei.frame({ x: 560, y: 160 }, { x: 960, y: 420 }, "Second");
  await choose(mei, "microphone");
  await start(mei);
  await id(mei, "record-next").click();
  await recorded(mei, 1);
  await id(mei, "record-pause").click();
  const paused = await id(mei, "record-time").innerText();
  await mei.page.mouse.wheel(0, 200);
  await id(mei, "record-pause").click();
  await id(mei, "record-next").click();
  await recorded(mei, seconds(paused) + 1);
  await id(mei, "record-captions").click();
  await id(mei, "record-caption").fill("Here it ends");
  await mei.press("Enter");
  await id(mei, "record-finish").click();
  await id(mei, "record-review").waitFor();
  assert.equal(await id(mei, "record-chapter").count(), 2);
  await publish(mei, "Two frames");
  await until("Ana to see the card", async () => (await cardsOf(ana)).length === 1);
  const [track] = await tracksOf(ana);
  assert.equal(track.title, "Two frames");
  assert.equal(track.state, "finished");
  await mei.context.grantPermissions([...ALLOWED.permissions, "clipboard-read", "clipboard-write"]);
  await id(mei, "toast-offer").click();
  await mei.page.locator('[data-key="notice.link_copied"]').waitFor();
  assert.match(await mei.page.evaluate(() => navigator.clipboard.readText()), new RegExp(`&t=${track.track}\\.0$`));
  assert.deepEqual(track.chapters.map((chapter) => chapter.title), ["First", "Second"]);
  assert.deepEqual(track.segments.map((segment) => segment.state), ["done"]);
  assert.equal(track.captions && track.cover, true);
  const length = await lengthPlayed(ana, track);
  assert.ok(Math.abs(length * 1000 - track.played_ms) < 250, `${length} s, told ${track.played_ms} ms`);
  await mei.page.keyboard.press("Control+z");
  await until("one undo to take the card back", async () => (await cardsOf(ana)).length === 0);
  assert.deepEqual(mei.errors, []);
}

async function withCamera({ server, browser }) {
  const { links } = await server.createBoard();
  const mei = await Person.come(browser, { name: "Mei", permissions: ALLOWED.permissions });
  await mei.open(links.editor);
  await choose(mei, "camera");
  await id(mei, "record-start").click();
  await id(mei, "record-count").waitFor();
  await mei.press("Escape");
  await choose(mei, "camera");
  await id(mei, "record-start").click();
  await id(mei, "record-skip").click();
  await id(mei, "record-bar").waitFor();
  await recorded(mei, 1);
  await mei.sticky(400, 300, "made while recording");
  await id(mei, "record-finish").click();
  await id(mei, "record-review").waitFor();
  const before = await mei.page.locator("[data-testid=record-cover] img").getAttribute("src");
  await id(mei, "record-cover-camera").click();
  await until("the cover to be Mei's picture", async () =>
    (await mei.page.locator("[data-testid=record-cover] img").getAttribute("src")) !== before);
  await publish(mei, "Hello");
  const [track] = await tracksOf(mei);
  assert.match(track.segments[0].type, /^video\//);
  assert.ok(track.segments[0].last_seq > track.segments[0].first_seq, "the journal it spans goes on to what was made");
  assert.deepEqual(mei.errors, []);
}

/** From the recorder to the player: what was framed is shown, and the board as recorded is the one that was there. */
async function asItIsWatched({ server, browser }) {
  const { links } = await server.createBoard();
  const mei = await Person.come(browser, { name: "Mei", ...ALLOWED });
  await mei.open(links.editor);
  await mei.frame({ x: 120, y: 160 }, { x: 520, y: 420 }, "Far");
  await mei.saved();
  await choose(mei, "none");
  await start(mei);
  await mei.press("Escape"); // out of the caption's field
  await recorded(mei, 1);
  await mei.sticky(800, 300, "while recording");
  await mei.saved();
  await id(mei, "record-next").click();
  await recorded(mei, 2);
  const corner = await mei.ask("onScreen", { x: 0, y: 0 });
  const along = await mei.ask("onScreen", { x: 100, y: 0 });
  await id(mei, "record-finish").click();
  await publish(mei, "Tour");
  const ana = await Person.come(browser, { name: "Ana" });
  await ana.open(links.viewer);
  await id(ana, "tracks").click();
  await id(ana, "track-row").locator(".track-open").click();
  const watching = () => ana.ask("watching");
  await until("the end of the tour", async () => (await watching())?.status === "ended");
  const zoom = (along.x - corner.x) / 100;
  const { framed, hashes } = await watching();
  const meant = { x: -corner.x / zoom, y: -corner.y / zoom, w: 1100 / zoom, h: 760 / zoom };
  for (const side of ["x", "y", "w", "h"]) {
    assert.ok(Math.abs(framed[side] - meant[side]) < 1, `${side}: ${framed[side]}, recorded at ${meant[side]}`);
  }
  assert.deepEqual(hashes, []);
  await id(ana, "player-view").click();
  await id(ana, "board-past").waitFor();
  const line = await id(ana, "scrubber").boundingBox();
  await ana.page.mouse.click(line.x + line.width * 0.25, line.y + line.height / 2); // at rest, before the sticky
  await until("the board as it was to be compared", async () => (await watching()).hashes.length > 0);
  for (const { recorded: then, rebuilt } of (await watching()).hashes) assert.equal(rebuilt, then);
  assert.deepEqual(ana.errors, []);
}

async function throughCrashes({ server, browser }) {
  const { mei } = await speaking(server, browser, "microphone");
  await recorded(mei, 1);
  await sent(mei);
  await server.crash();
  await recorded(mei, 3);
  const reached = seconds(await id(mei, "record-time").innerText());
  await mei.page.close(); // as a crash of the browser would: nothing is asked, nothing is tidied up
  await server.restart();
  const again = await mei.tab();
  await id(again, "record-left").waitFor();
  const offered = seconds(/\d+:\d+/.exec(await id(again, "record-left").innerText())[0]);
  assert.ok(offered >= reached - 2, `${offered} s of ${reached} were kept`);
  await id(again, "record-left-go-on").click();
  await again.page.waitForSelector("[data-testid=record-preview][data-live=true]");
  await start(again);
  await recorded(again, offered + 1);
  await id(again, "record-finish").click();
  await publish(again, "Twice begun");
  const [track] = await tracksOf(again);
  assert.equal(track.segments.length, 2);
  assert.ok(track.segments.every((segment) => segment.state === "done"));
  assert.ok(track.played_ms >= (offered + 1) * 1000 - 500, `${track.played_ms} ms`);
  assert.equal(await id(again, "record-left").count(), 0);
}

async function partSaidAgain({ server, browser }) {
  const { mei } = await speaking(server, browser, "microphone");
  await recorded(mei, 1);
  await id(mei, "record-pause").click();
  await id(mei, "record-pause").click();
  await recorded(mei, 2);
  await id(mei, "record-pause").click();
  await id(mei, "record-again").click();
  await mei.page.getByRole("button", { name: "Again from 0:01" }).click();
  await recorded(mei, 3);
  await id(mei, "record-finish").click();
  await publish(mei, "Better");
  const [track] = await tracksOf(mei);
  const [first, second, ...more] = track.cuts;
  assert.deepEqual(more, []);
  assert.ok(first[0] === 0 && second[0] - first[1] > 500, `what was said first is left out: ${JSON.stringify(track.cuts)}`);
  assert.equal(track.segments.length, 1, "a pause needs no segment of its own");
}

async function anotherDevice({ server, browser }) {
  const { mei, links } = await speaking(server, browser, "none");
  await id(mei, "record-caption").fill("Said on the first");
  await mei.press("Enter");
  await recorded(mei, 3);
  await sent(mei);
  // The same guest's other device: the cookie that says who, and nothing of the recording.
  const cookies = await mei.context.cookies();
  await mei.leave();
  const other = await Person.come(browser, { name: "Mei", ...ALLOWED });
  await other.context.addCookies(cookies);
  await other.open(links.editor);
  await id(other, "tracks").click();
  await id(other, "track-finish").click();
  await publish(other, "Ended elsewhere");
  const [track] = await tracksOf(other);
  assert.equal(track.state, "finished");
  assert.equal(track.captions, true);
  assert.deepEqual(other.errors, []);
}

async function blocked({ server, browser }) {
  const { links } = await server.createBoard();
  const mei = await Person.come(browser, { name: "Mei", reducedMotion: "reduce" });
  const asked = [];
  mei.page.on("request", (request) => {
    if (/\/tracks(\/|$)/.test(new URL(request.url()).pathname) && request.method() !== "GET") asked.push(request.url());
  });
  await mei.open(links.editor);
  await id(mei, "menu").click();
  await id(mei, "record").click();
  const trouble = id(mei, "record-trouble");
  await trouble.waitFor();
  assert.equal(await trouble.getAttribute("data-code"), "blocked");
  assert.equal(await id(mei, "record-start").isDisabled(), true);
  await id(mei, "record-silent").click();
  await id(mei, "record-rehearsal").check();
  await start(mei);
  await recorded(mei, 1);
  await id(mei, "record-finish").click();
  await id(mei, "record-keep").waitFor();
  await id(mei, "record-discard").click();
  await id(mei, "record-review").waitFor({ state: "detached" });
  assert.deepEqual(asked, [], "a rehearsal leaves nothing on the server");
  const rows = await mei.page.evaluate(async () => {
    const open = await new Promise((resolve) => {
      const asking = indexedDB.open("plenum");
      asking.onsuccess = () => resolve(asking.result);
    });
    const tx = open.transaction(["takes", "chunks"]);
    const counts = [tx.objectStore("takes").count(), tx.objectStore("chunks").count()];
    return new Promise((resolve) => (tx.oncomplete = () => resolve(counts.map((count) => count.result))));
  });
  assert.deepEqual(rows, [0, 0], "nor on the device");
}

async function withoutSecureContext({ server, browser }) {
  const { links } = await server.createBoard();
  const mei = await Person.come(browser, { name: "Mei" });
  await mei.open(links.editor.replace("127.0.0.1", "plenum.test"));
  await whatDoesNotCome(mei);
  await id(mei, "menu").click();
  await id(mei, "record").click();
  await id(mei, "record-trouble").waitFor();
  assert.equal(await id(mei, "record-trouble").getAttribute("data-code"), "insecure");
  assert.deepEqual(mei.errors, []);
}

/** Without a service worker everything comes by the network: what does not is said, and comes when it is asked for again. */
async function whatDoesNotCome(person) {
  const { page } = person;
  await page.route("**/assets/main_playing-*", (route) => route.abort());
  await id(person, "tracks").click();
  await page.locator('[data-testid="toast"][data-key="notice.track_failed"]').waitFor();
  await page.unroute("**/assets/main_playing-*");
  await page.route("**/tracks", (route) => route.fulfill({ status: 403, json: { code: "perm", text: "" } }));
  await id(person, "tracks").click();
  await id(person, "tracks-away").waitFor();
  await page.unroute("**/tracks");
  await id(person, "tracks-away").click();
  await id(person, "tracks-away").waitFor({ state: "detached" });
  await id(person, "tracks").click();
}

async function onPhone({ server, browser }) {
  const { links } = await server.createBoard();
  const mei = await Person.come(browser, { name: "Mei", ...ALLOWED, ...PHONE });
  await mei.open(links.editor);
  const tap = (name) => id(mei, name).tap({ timeout: PATIENCE_MS });
  await tap("menu");
  await tap("record");
  await mei.page.waitForSelector("[data-testid=record-preview][data-live=true]");
  await tap("record-start");
  await id(mei, "record-bar").waitFor();
  await recorded(mei, 1);
  const bar = await id(mei, "record-bar").boundingBox();
  const tools = await id(mei, "toolbar").boundingBox();
  assert.ok(bar.x >= 0 && bar.x + bar.width <= 390, "all of the bar is on the screen");
  assert.ok(bar.y + bar.height <= tools.y, "and it covers no tool");
  for (const name of ["record-pause", "record-finish", "record-captions"]) {
    const box = await id(mei, name).boundingBox();
    assert.ok(box.height >= 43.5 && box.width >= 43.5, `${name} is large enough for a finger`);
  }
  await tap("record-finish");
  await id(mei, "record-review").waitFor();
  await tap("record-publish");
  await id(mei, "record-review").waitFor({ state: "detached" });
  await until("the card", async () => (await cardsOf(mei)).length === 1);
}

export const journeys = [
  ["a voice is recorded with pauses, and its card is on everybody's board", withMicrophone],
  ["a camera is recorded while the board is worked on", withCamera],
  ["what was recorded is what is watched, and as recorded the board is the same", asItIsWatched],
  ["a recording survives the server's crash and the page's, and goes on in a new segment", throughCrashes],
  ["a part of a recording is said again from a pause on", partSaidAgain],
  ["a recording is finished on another device of the same guest", anotherDevice],
  ["a browser that says no is explained, and a rehearsal leaves no trace", blocked],
  ["a page without a secure context says why it cannot record", withoutSecureContext],
  ["a talk-track is recorded on a phone", onPhone],
];
