// Watching talk-tracks: over the living board while somebody edits, away from the speaker and back, comments at their
// moment, together with others through a pause, a late join and a server that dies, as it was recorded, and by whoever may.

import assert from "node:assert/strict";
import { Kind, Person, until } from "./harness.mjs";
import { anchor, caption, entry, film, pointer, putCard, silence, TrackMaker, view, voice } from "./made_track.mjs";
import { ALLOWED, choose, publish, recorded, start } from "./recording.mjs";

const A_MINUTE = 60_000;
export const NEAR = [0, 0, 800, 500];
export const FAR = [2_000, 0, 800, 500];

export const sticky = (at, text) => ({ kind: Kind.STICKY, fields: { 1: at, 2: [140, 140], 4: 0 }, text, parent: null });
export const find = async (person, text) => (await person.objects()).find((object) => object.text === text);
export const watching = (person) => person.ask("watching");

/** A board with a sticky on the left and one on the right, and a silent track that looks at the one and then at the other;
 *  or one of some films of four seconds each. */
export async function tourOf(server, browser, { change = {}, events = [], films = 0 } = {}) {
  const { links } = await server.createBoard("Tour");
  const mei = await Person.come(browser, { name: "Mei" });
  await mei.open(links.owner);
  await mei.saved();
  await mei.ask("make", [sticky([300, 150], "left"), sticky([2_300, 150], "right")]);
  await mei.saved();
  const maker = await TrackMaker.by(mei, server, links.owner);
  const track = await maker.begin("Tour");
  const [left, right] = [await find(mei, "left"), await find(mei, "right")];
  const seq = await mei.ask("seq");
  const tour = [view(0, NEAR, anchor(left)), entry(0, seq), ...events, view(20_000, NEAR, anchor(left)), view(25_000, FAR, anchor(right))];
  for (let i = 0; i < films; i++) await maker.segment(film, [view(0, NEAR, anchor(left)), entry(0, seq)], A_MINUTE);
  if (films === 0) await maker.segment(silence, tour.sort((a, b) => a[0] - b[0]), A_MINUTE);
  const { played_ms: lengthMs } = await maker.finish(change);
  const card = await putCard(mei, track, { title: "Tour", lengthMs, at: [0, 800] });
  await mei.saved();
  return { links, mei, maker, track, card };
}

export async function comeTo(browser, link, name, more = {}) {
  const person = await Person.come(browser, { name, ...more });
  await person.open(link);
  return person;
}

/** From the list of talk-tracks, as people do. */
export async function openFromPanel(person) {
  await person.page.getByTestId("tracks").click();
  await person.page.getByTestId("track-row").locator(".track-open").click();
  await plays(person);
}

export const plays = (person) => until("the track to play", async () => (await watching(person))?.status === "playing");

export async function seekTo(person, share) {
  const line = await person.page.getByTestId("scrubber").boundingBox();
  await person.page.mouse.click(line.x + line.width * share, line.y + line.height / 2);
}

/** The board rectangle is on screen, and nothing of it under the bar. */
async function hasInView(person, [x, y, w, h]) {
  const from = await person.ask("onScreen", { x, y });
  const to = await person.ask("onScreen", { x: x + w, y: y + h });
  const bar = await person.page.getByTestId("player").boundingBox();
  const { width } = person.page.viewportSize();
  return from.x >= -1 && from.y >= -1 && to.x <= width + 1 && to.y <= bar.y + 1;
}

/** How many ms after the next press the page first draws with the board rectangle in view, by the page's own clock. */
const sightAfterPress = (person, rect) =>
  person.page.evaluate(
    ([x, y, w, h]) =>
      new Promise((resolve) => {
        let pressed = 0;
        addEventListener("pointerdown", () => (pressed = performance.now()), { once: true, capture: true });
        const look = () => {
          const from = globalThis.__plenum.onScreen({ x, y });
          const to = globalThis.__plenum.onScreen({ x: x + w, y: y + h });
          const bar = document.querySelector('[data-testid="player"]').getBoundingClientRect();
          const seen = from.x >= -1 && from.y >= -1 && to.x <= innerWidth + 1 && to.y <= bar.y + 1;
          if (pressed > 0 && seen) resolve(performance.now() - pressed);
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }),
    rect,
  );

export const seesAll = (person, rect) => until("what the speaker framed to be in view", () => hasInView(person, rect));

async function watchWhileOthersEdit({ server, browser }) {
  const { links, mei } = await tourOf(server, browser, { events: [pointer(500, 100, 100), caption(1_000, "Look here")] });
  const bo = await comeTo(browser, links.viewer, "Bo", { viewport: { width: 900, height: 900 } });
  await openFromPanel(bo);
  await seesAll(bo, NEAR);
  await mei.ask("make", [sticky([500, 150], "meanwhile")]);
  await bo.sees("meanwhile");

  // Somebody moves what the speaker shows: the camera goes where it is now, also while the track stands still.
  await bo.press("k");
  const left = await find(mei, "left");
  const from = await mei.middleOf("left");
  await mei.drag(from, { x: from.x + 60, y: from.y + 150 });
  await until("Bo to look where it is", async () => {
    const now = await find(mei, "left");
    const { framed } = await watching(bo);
    return now.rect.y > left.rect.y + 20 && Math.abs(framed.y - (now.rect.y - left.rect.y)) < 2;
  });

  await seekTo(bo, 0.04);
  await until("the caption, without being asked for: nothing is spoken", async () => (await bo.page.getByTestId("caption").innerText()) === "Look here");
  const rightView = sightAfterPress(bo, FAR);
  await seekTo(bo, 0.5);
  console.log(`    # the right view ${(await rightView).toFixed(0)} ms after seeking`);
  await bo.press("k");
  const lags = await bo.page.evaluate(async () => {
    const seen = [];
    for (let i = 0; i < 60; i++) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const { played, shown } = globalThis.__plenum.watching();
      seen.push(played - shown);
    }
    return seen.sort((a, b) => a - b);
  });
  console.log(`    # the camera is behind the clock by p95 ${lags[Math.floor(lags.length * 0.95)].toFixed(1)} ms`);
  assert.deepEqual([...mei.errors, ...bo.errors], []);
}

/** Cuts in a film, a voice and a silent part play through as one; what was cut out is not to be seen. */
async function playsItsCuts({ server, browser }) {
  const { links } = await server.createBoard();
  const mei = await comeTo(browser, links.owner, "Mei");
  const maker = await TrackMaker.by(mei, server, links.owner);
  const track = await maker.begin("Cut");
  for (const media of [film, voice, silence]) await maker.segment(media, [view(0, NEAR), entry(0, await mei.ask("seq"))], 4_000);
  const cuts = [[500, 1_300], [4_500, 5_300], [11_000, 11_800]];
  await maker.finish({ cuts });
  const bo = await comeTo(browser, `${links.viewer}&t=${track}.0`, "Bo");
  await bo.page.getByTestId("player-toggle").click();
  const { seen, stall } = await bo.page.evaluate(async () => {
    const seen = [];
    let stall = 0;
    let last = null;
    for (;;) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const { recorded, played, status } = globalThis.__plenum.watching();
      const now = performance.now();
      if (last !== null && played > 0) stall = Math.max(stall, now - last.now - (played - last.played));
      last = { now, played };
      seen.push(recorded);
      if (status === "ended") return { seen, stall };
    }
  });
  console.log(`    # through two changes of media the track stood for ${stall.toFixed(0)} ms at most`);
  const within = (at) => cuts.some(([from, to]) => at >= from - 1 && at <= to + 1);
  assert.deepEqual(seen.filter((at) => !within(at)), []);
  assert.ok(cuts.every(([from, to]) => seen.some((at) => at > from && at < to)));
  assert.deepEqual(bo.errors, []);
}

async function awayAndBack({ server, browser }) {
  const { links } = await tourOf(server, browser);
  const bo = await comeTo(browser, links.editor, "Bo");
  await openFromPanel(bo);
  await seesAll(bo, NEAR);
  await bo.page.mouse.move(400, 300);
  await bo.page.mouse.wheel(0, 900);
  await bo.page.getByTestId("player-speaker").waitFor();
  assert.equal((await watching(bo)).status, "playing");
  // The board is the viewer's meanwhile: they write on it while the track goes on.
  await bo.sticky(300, 200, "a thought");
  await bo.page.getByTestId("player-speaker").click();
  await seesAll(bo, NEAR);
  assert.equal((await watching(bo)).following, true);
  // Keys: K pauses, J goes back, > is faster; and the address of a moment leads there.
  await bo.press("k");
  await until("the track to pause", async () => (await watching(bo)).status === "paused");
  await bo.press(">");
  assert.match(await bo.page.getByTestId("player-rate").innerText(), /1\.25/);
  await bo.page.getByTestId("player-close").click();
  assert.equal(await watching(bo), null);
  assert.deepEqual(bo.errors, []);
}

/** What somebody says at a moment is there for whoever watches later. */
async function saidAtItsMoment({ server, browser }) {
  const { links, track } = await tourOf(server, browser, { change: { chapters: [{ at_ms: 20_000, title: "The right side" }] } });
  const bo = await comeTo(browser, `${links.editor}&t=${track}.30000`, "Bo");
  await until("the moment of the address", async () => Math.abs((await watching(bo))?.recorded - 30_000) < 100);
  await bo.page.getByTestId("player-react").click();
  await bo.page.getByTestId("react-2").click();
  await bo.press("Escape");
  await bo.press("c");
  await bo.page.mouse.click(300, 300);
  await bo.page.getByTestId("comment-text").fill("Why here?");
  await bo.page.getByTestId("comment-send").click();
  await bo.page.getByTestId("mark-comment").waitFor();
  await bo.saved();

  const cy = await comeTo(browser, links.viewer, "Cy");
  await openFromPanel(cy);
  await cy.page.getByTestId("mark-comment").waitFor();
  await cy.page.getByTestId("heat").waitFor();
  await seekTo(cy, 0.49);
  await until("the comment to come up", async () => (await cy.page.getByTestId("said").allInnerTexts()).some((text) => text.includes("Why here?")));
  await cy.page.getByTestId("player-more").click();
  await cy.page.getByTestId("open-digest").click();
  const digest = cy.page.getByTestId("tracks-panel");
  await until("the digest", async () => /The right side[\s\S]*0:30[\s\S]*Bo[\s\S]*Why here\?/.test(await digest.innerText()));
  await cy.page.getByTestId("digest-line").click();
  await until("its moment", async () => Math.abs((await watching(cy)).recorded - 30_000) < 2_500);

  // Whoever finds the comment first comes from it to its moment.
  const di = await comeTo(browser, links.viewer, "Di");
  await di.page.getByTestId("comments").click();
  await di.page.getByTestId("thread-row").getByTestId("moment").click();
  await until("the comment's moment", async () => Math.abs((await watching(di))?.recorded - 30_000) < 2_500);
  assert.deepEqual([...bo.errors, ...cy.errors, ...di.errors], []);
}

/** How far two people are apart, asked at the same time. */
async function driftOf(a, b) {
  const [one, two] = await Promise.all([a, b].map((person) => person.page.evaluate(() => [globalThis.__plenum.watching().played, Date.now()])));
  return Math.abs(one[0] - two[0] - (one[1] - two[1]));
}

const inStep = (a, b) => until("both to be at the same place", async () => {
  const drifts = [];
  for (let i = 0; i < 3; i++) drifts.push(await driftOf(a, b));
  return drifts.every((drift) => drift < 100);
});

async function watchTogether({ server, browser }) {
  const { links, mei } = await tourOf(server, browser, { films: 5 });
  const bo = await comeTo(browser, links.editor, "Bo");
  await openFromPanel(mei);
  await mei.page.getByTestId("player-together").click();
  await mei.page.getByTestId("together-all").click();
  await mei.page.getByTestId("player-leave").waitFor();
  await bo.page.getByTestId("invite-join").click();
  await until("Bo to go along", async () => (await watching(bo))?.together === true);
  await mei.page.getByTestId("player-toggle").click();
  await until("both to stand still", async () => (await watching(bo)).status === "paused" && (await driftOf(mei, bo)) < 60);
  await until("Mei to see Bo on the line", () => mei.page.getByTestId("watcher").isVisible());
  await seekTo(bo, 0.05);
  await until("Mei to be where Bo went", async () => (await driftOf(mei, bo)) < 60);
  await bo.page.getByTestId("player-toggle").click();
  await plays(mei);
  assert.deepEqual([...mei.errors, ...bo.errors], []);
}

/** An invitation waits for whoever is about to record. */
async function invitedAfterRecording({ page }) {
  await page.getByTestId("invite").waitFor();
  await page.getByTestId("tracks").click();
  await page.getByTestId("track-record").click();
  await page.getByTestId("record-setup").waitFor();
  assert.equal(await page.getByTestId("invite").count(), 0);
  await page.getByTestId("record-close").click();
}

/** The shared position outlives the server, and whoever comes late lands on it. */
async function togetherThroughACrash({ server, browser }) {
  const { links, mei } = await tourOf(server, browser);
  const bo = await comeTo(browser, links.editor, "Bo");
  await openFromPanel(mei);
  await mei.page.getByTestId("player-together").click();
  await mei.page.getByTestId("together-host").click();
  await seekTo(mei, 0.3);
  await invitedAfterRecording(bo);
  await bo.page.getByTestId("invite-join").click();
  await plays(bo);
  await inStep(mei, bo);
  assert.equal(await bo.page.getByTestId("player-toggle").isDisabled(), true);
  await mei.saved();
  await server.crash();
  await server.restart();
  await mei.saved();
  const cy = await comeTo(browser, links.viewer, "Cy");
  await cy.page.getByTestId("invite-join").click();
  await plays(cy);
  await inStep(mei, cy);
  await inStep(mei, bo);
  assert.ok((await watching(cy)).played > 18_000);
  await bo.page.getByTestId("player-leave").click();
  await bo.page.getByTestId("player-join").click();
  await inStep(mei, bo);
  assert.deepEqual([...mei.errors, ...bo.errors, ...cy.errors], []);
}

/** As recorded, the board is what it was then, to the hash; as it is now, what is now. */
async function asItWasRecorded({ server, browser }) {
  const { links } = await server.createBoard();
  const mei = await comeTo(browser, links.owner, "Mei");
  await mei.saved();
  const maker = await TrackMaker.by(mei, server, links.owner);
  const track = await maker.begin("Growth");
  const old = [["first", 100, 100], ["under it", 100, 300], ["beside that", 260, 300]];
  await mei.ask("make", old.map(([text, x, y]) => sticky([x, y], text)));
  await mei.saved();
  await maker.openSegment(silence);
  const events = [view(0, NEAR, ...(await mei.objects()).map(anchor))];
  for (const [i, text] of ["second", "third", "fourth"].entries()) {
    events.push(entry(i * 2_000, await mei.ask("seq"), (await mei.ask("hashes")).state));
    await mei.ask("make", [sticky([100 + 160 * (i + 1), 100], text)]);
    await mei.saved();
  }
  await maker.finishSegment(silence, events, 6_000);
  await maker.finish();
  await putCard(mei, track, { title: "Growth", lengthMs: 6_000, at: [0, 600] });
  for (const [text] of old) {
    const gone = await mei.middleOf(text);
    await mei.page.mouse.click(gone.x, gone.y);
    await mei.press("Delete");
  }
  await mei.saved();

  for (const [role, link] of [["editor", links.editor], ["viewer", links.viewer]]) {
    const bo = await comeTo(browser, link, "Bo");
    await openFromPanel(bo);
    await bo.press("k");
    await seekTo(bo, 0.1);
    await bo.page.getByTestId("player-changed").waitFor(); // most of what was shown is gone
    await bo.page.getByTestId(role === "editor" ? "changed-show" : "player-view").click();
    await bo.page.getByTestId("board-past").waitFor();
    assert.equal(await bo.page.getByTestId("player-changed").count(), 0);
    for (const [i, share] of [0.1, 0.5, 0.9].entries()) {
      await seekTo(bo, share);
      await until(`the ${role} to see entry ${i}`, async () => (await watching(bo)).hashes.length === i + 1);
    }
    for (const { recorded, rebuilt } of (await watching(bo)).hashes) assert.equal(rebuilt, recorded);
    await bo.page.getByTestId("player-view").click();
    await until("the board as it is", async () => (await bo.page.getByTestId("board-past").count()) === 0);
    assert.deepEqual(bo.errors, []);
    await bo.leave();
  }
}

/** From one person's camera to another's screen: what was recorded is seen as it was shown. */
async function recordedThenWatched({ server, browser }) {
  const { links } = await server.createBoard();
  const mei = await Person.come(browser, { name: "Mei", ...ALLOWED });
  await mei.open(links.editor);
  await mei.ask("make", [sticky([300, 300], "before")]);
  await mei.saved();
  await choose(mei, "camera");
  await start(mei);
  await mei.page.mouse.move(500, 350);
  await mei.page.mouse.wheel(260, 120);
  await mei.ask("make", [sticky([500, 300], "during")]);
  await recorded(mei, 2);
  await mei.page.getByTestId("record-finish").click();
  const [corner] = await mei.page.evaluate(() => [globalThis.__plenum.onScreen({ x: 0, y: 0 })]);
  await publish(mei, "A look around");
  await mei.ask("make", [sticky([900, 300], "after")]);
  await mei.saved();

  const bo = await comeTo(browser, links.viewer, "Bo");
  await openFromPanel(bo);
  await bo.page.locator(".face video").waitFor();
  await bo.press("k");
  await seekTo(bo, 0.95);
  await until("the view that was recorded", async () => {
    const { framed } = await watching(bo);
    return Math.abs(framed.x + corner.x) < 2 && Math.abs(framed.y + corner.y) < 2 && framed.w === 1100;
  });
  const { framed } = await watching(bo);
  await seesAll(bo, [framed.x, framed.y, framed.w, framed.h]);
  await bo.page.getByTestId("player-view").click();
  await bo.page.getByTestId("board-past").waitFor();
  for (const { recorded: then, rebuilt } of (await watching(bo)).hashes) assert.equal(rebuilt, then);
  assert.deepEqual([...mei.errors, ...bo.errors], []);
}

/** What somebody without a name reads of the track before they enter. */
async function promisedTo(browser, link, track) {
  const guest = await Person.come(browser, { name: null });
  await guest.page.goto(`${link}&t=${track}.0`);
  const promised = guest.page.getByTestId("promised");
  await until("the track to be told, or not", async () => (await promised.getAttribute("data-is")) !== "asked");
  const told = await promised.innerText();
  await guest.leave();
  return told;
}

async function onlyWhoMayWatches({ server, browser }) {
  const { links, track, mei } = await tourOf(server, browser, { change: { watch: { role: "editor" } } });
  const bo = await comeTo(browser, links.viewer, "Bo");
  const answers = await bo.page.evaluate(async (id) => {
    const root = `/api/boards/${location.pathname.split("/").at(-1)}/tracks`;
    const paths = [`/${id}`, `/${id}/segments/0/media`, `/${id}/segments/0/timeline`, `/${id}/captions`, `/${id}/cover`, "/nothing"];
    return Promise.all(paths.map(async (path) => {
      const answer = await fetch(root + path, { headers: { range: "bytes=0-1" } });
      return [answer.status, answer.headers.get("content-range"), (await answer.text()).replace(/\s+/g, "")];
    }));
  }, track);
  assert.equal(new Set(answers.map(String)).size <= 2, true, JSON.stringify(answers));
  for (const [status, range] of answers) assert.deepEqual([status === 404 || status === 401, range], [true, null]);
  assert.match(await promisedTo(browser, links.editor, track), /^Tour\n.*1:00\nMei · Tour$/);
  const untold = await promisedTo(browser, links.viewer, track);
  assert.equal(untold, await promisedTo(browser, links.viewer, "AAAAAAAAAAA"), "as of a track that is not there");
  assert.doesNotMatch(untold, /Tour|\d/);
  await bo.page.getByTestId("tracks").click();
  await bo.page.getByTestId("tracks-panel").waitFor();
  assert.equal(await bo.page.getByTestId("track-row").count(), 0);
  // The card is on the board for all to see; pressing it says why nothing plays.
  await bo.page.getByTestId("zoom-fit").click();
  let at = null;
  await until("the whole board to be in view, and the view at rest", async () => {
    const before = at;
    at = await bo.ask("onScreen", { x: 160, y: 800 + 84 });
    return before !== null && at.y === before.y && (await bo.ask("onScreen", { x: 0, y: 1_000 })).y < 700;
  });
  await bo.page.mouse.click(at.x, at.y);
  await bo.page.locator('[data-testid="toast"][data-key="notice.track_missing"]').waitFor();
  await openFromPanel(mei);
  assert.deepEqual([...bo.errors, ...mei.errors], []);
}

async function onAPhone({ server, browser }) {
  const { links, track } = await tourOf(server, browser);
  const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
  const bo = await Person.come(browser, { name: "Bo", ...phone });
  await bo.page.goto(`${links.editor}&t=${track}.1000`);
  await bo.live();
  await bo.page.getByTestId("player-toggle").tap();
  await plays(bo);
  await seesAll(bo, NEAR);
  await bo.page.getByTestId("player-more").tap();
  await bo.page.getByTestId("open-transcript").tap();
  await bo.page.getByTestId("tracks-panel").waitFor();
  await seesAll(bo, NEAR);
  await bo.page.getByTestId("player-toggle").tap(); // what one reads along stands below the player
  await until("the track to pause", async () => (await watching(bo)).status === "paused");
  await bo.page.getByTestId("player-more").tap();
  await bo.page.getByTestId("open-digest").tap();
  assert.equal(await bo.page.locator(".board-page").evaluate((page) => page.scrollLeft), 0);
  assert.deepEqual(bo.errors, []);
}

export const journeys = [
  ["a talk-track plays over the living board, and goes where things are now", watchWhileOthersEdit],
  ["a track's cuts play through as one", playsItsCuts],
  ["the viewer looks elsewhere, writes, and goes back to the speaker", awayAndBack],
  ["what is said at a moment is there for whoever watches later", saidAtItsMoment],
  ["two watch together: play, pause and seek are everybody's", watchTogether],
  ["watching together outlives the server, and a latecomer lands where all are", togetherThroughACrash],
  ["as recorded, the board is what it was then, to the hash", asItWasRecorded],
  ["what was recorded is seen as it was shown", recordedThenWatched],
  ["a talk-track is watched by whoever may, and is nothing to others", onlyWhoMayWatches],
  ["a talk-track on a phone", onAPhone],
];
