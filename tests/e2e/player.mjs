// What the player adds to watching: comments and reactions beside what they are about, the board as it was for whoever
// may watch, comments on it, keys and the computer's media keys, links to a moment, a network that fails, and access that
// ends meanwhile.

import assert from "node:assert/strict";
import { Person, until } from "./harness.mjs";
import { entry, pointer, putCard, silence, TrackMaker, view } from "./made_track.mjs";
import { comeTo, FAR, find, NEAR, openFromPanel, plays, seekTo, seesAll, sticky, tourOf, watching } from "./watching.mjs";

const said = (person, at) => person.page.locator(`[data-testid="said"][data-at="${at}"]`);

/** A box on screen that the pointer would meet there: nothing of the chrome lies over it. */
async function isClear(person, locator) {
  const box = await locator.boundingBox();
  return person.page.evaluate(
    ([{ x, y, width, height }, testid]) => {
      const points = [[x + 4, y + height / 2], [x + width - 4, y + height / 2], [x + width / 2, y + 3], [x + width / 2, y + height - 3]];
      return points.every(([px, py]) => document.elementFromPoint(px, py)?.closest(`[data-testid="${testid}"]`) != null);
    },
    [box, "said"],
  );
}

async function commentOn(person, text, words) {
  const at = await person.middleOf(text);
  await person.press("c");
  await person.page.mouse.click(at.x, at.y);
  await person.page.getByTestId("comment-text").fill(words);
  await person.page.getByTestId("comment-send").click();
  await person.page.getByTestId("comment-close").click();
  await person.saved();
}

/** Where so many bubbles with these words are shown on the board, once none of them moves any more. */
async function standing(person, words, n) {
  let boxes = [];
  await until(`${n} to stand on the board`, async () => {
    const before = JSON.stringify(boxes);
    boxes = await person.page.evaluate((words) => {
      const all = [...document.querySelectorAll('[data-testid="said"][data-at="board"]')];
      const shown = all.filter((one) => one.innerText.includes(words) && getComputedStyle(one).visibility === "visible");
      return shown.map((one) => one.getBoundingClientRect().toJSON());
    }, words);
    return boxes.length === n && JSON.stringify(boxes) === before;
  });
  return boxes;
}

/** What is said comes up beside the object it is about, several clear of each other, and leads to its thread. */
async function saidBesideItsObject({ server, browser }) {
  const { links, track } = await tourOf(server, browser, { events: [pointer(0, 600, 300)] });
  const bo = await comeTo(browser, `${links.editor}&t=${track}.10000`, "Bo");
  await until("the moment of the address", async () => Math.abs((await watching(bo))?.recorded - 10_000) < 100);
  for (const words of ["Why here?", "And why not there?"]) await commentOn(bo, "left", words);
  await bo.page.getByTestId("player-react").click();
  await bo.page.getByTestId("react-2").click();
  await bo.press("Escape");
  await bo.saved();

  for (const viewport of [undefined, { width: 390, height: 844 }]) {
    const cy = await comeTo(browser, `${links.viewer}&t=${track}.10500`, "Cy", { viewport });
    const comments = said(cy, "board").filter({ hasText: "Bo" });
    const boxes = await standing(cy, "Bo", 2);
    const at = await cy.middleOf("left");
    for (const box of boxes) assert.ok(Math.abs(box.x - at.x) < 320 && Math.abs(box.y - at.y) < 200, JSON.stringify([box, at]));
    const [a, b] = boxes;
    const apart = a.bottom <= b.y || b.bottom <= a.y || a.right <= b.x || b.right <= a.x;
    assert.ok(apart, JSON.stringify(boxes));
    assert.ok((await isClear(cy, comments.nth(0))) && (await isClear(cy, comments.nth(1))));
    if (viewport === undefined) {
      // The reaction is where the speaker pointed.
      const point = await cy.ask("onScreen", { x: 600, y: 300 });
      const hand = await said(cy, "board").filter({ hasText: "👏" }).boundingBox();
      assert.ok(Math.abs(hand.x - point.x) < 80 && Math.abs(hand.y - point.y) < 80);
    }
    await comments.filter({ hasText: "Why here?" }).click();
    await cy.page.getByTestId("thread-card").getByText("Why here?").waitFor();
    await cy.page.getByTestId("comment-close").click();
    // Looking elsewhere, one has them at the bar.
    await cy.page.mouse.move(200, 300);
    await cy.page.mouse.wheel(0, 3_000);
    await until("both to come up at the bar", async () => (await said(cy, "bar").filter({ hasText: "Bo" }).count()) === 2);
    assert.deepEqual(cy.errors, []);
    await cy.leave();
  }
  assert.deepEqual(bo.errors, []);
}

/** A track of a board that grew by a sticky each tenth of a second. */
async function growing(server, browser, n) {
  const { links } = await server.createBoard();
  const mei = await comeTo(browser, links.owner, "Mei");
  await mei.saved();
  const maker = await TrackMaker.by(mei, server, links.owner);
  const track = await maker.begin("Growth");
  await maker.openSegment(silence);
  const events = [view(0, NEAR), entry(0, await mei.ask("seq"))];
  for (let i = 0; i < n; i++) {
    await mei.ask("make", [sticky([20 + 36 * (i % 20), 20 + 150 * Math.floor(i / 20)], `s${i}`)]);
    await mei.saved();
    events.push(entry((i + 1) * 100, await mei.ask("seq")));
  }
  await maker.finishSegment(silence, events, (n + 2) * 100);
  await maker.finish();
  await putCard(mei, track, { title: "Growth", lengthMs: (n + 2) * 100, at: [0, 600] });
  await mei.saved();
  return { links, mei, track, maker };
}

/** A viewer sees the board grow as an editor does: each state at its time. */
async function smoothForAll({ server, browser }) {
  const { links } = await growing(server, browser, 60);
  for (const [role, link] of [["editor", links.editor], ["viewer", links.viewer]]) {
    const bo = await comeTo(browser, link, "Bo");
    await openFromPanel(bo);
    await bo.press("k");
    await seekTo(bo, 0.001);
    await bo.page.getByTestId("player-view").click();
    await bo.page.getByTestId("board-past").waitFor();
    await bo.page.getByTestId("player-toggle").click();
    const seen = await bo.page.evaluate(async () => {
      const seqs = new Set();
      for (;;) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        const { pastSeq, status } = globalThis.__plenum.watching();
        if (pastSeq !== null) seqs.add(pastSeq);
        if (status === "ended") return seqs.size;
      }
    });
    console.log(`    # the ${role} saw ${seen} of 61 states in 6 s`);
    assert.ok(seen > 45, `${role}: ${seen}`);
    assert.deepEqual(bo.errors, []);
    await bo.leave();
  }
}

/** Over the board as it was, a comment goes to the object that stood there, wherever that is now. */
async function commentAsRecorded({ server, browser }) {
  const { links, mei, track } = await tourOf(server, browser);
  const left = await find(mei, "left");
  const from = await mei.middleOf("left");
  await mei.drag(from, { x: from.x + 40, y: from.y + 220 });
  await mei.saved();
  const bo = await comeTo(browser, `${links.editor}&t=${track}.2000`, "Bo");
  await bo.page.getByTestId("player-view").click();
  await bo.page.getByTestId("board-past").waitFor();
  // What makes and moves things waits, and says why.
  const tool = bo.page.getByTestId("tool-sticky");
  assert.equal(await tool.getAttribute("aria-disabled"), "true");
  assert.match(await tool.getAttribute("data-tip"), /as recorded/);
  await bo.page.getByTestId("tool-comment").click();
  const then = await bo.ask("onScreen", { x: left.rect.x + 30, y: left.rect.y + 30 });
  await bo.page.mouse.click(then.x, then.y);
  const card = await bo.page.getByTestId("comment-new").boundingBox();
  assert.ok(Math.abs(card.x - then.x) < 420, "the card stands where the object stood");
  await bo.page.getByTestId("comment-text").fill("This one");
  await bo.page.getByTestId("comment-send").click();
  await bo.page.getByTestId("comment-close").click();
  await bo.page.getByTestId("player-react").click();
  await bo.page.getByTestId("react-0").click();
  await bo.press("Escape");
  await bo.saved();
  await bo.page.getByTestId("heat").waitFor();
  await bo.page.getByTestId("player-view").click();
  await until("its pin on the object as it is now", async () => {
    const at = await mei.middleOf("left");
    const pin = await mei.page.getByTestId("pin").boundingBox();
    return pin !== null && Math.abs(pin.x - at.x) < 120 && Math.abs(pin.y - at.y) < 120;
  });
  // What is gone takes no comment: it stays at the place, and that is said.
  const now = await mei.middleOf("left");
  await mei.page.mouse.click(now.x - 30, now.y + 30);
  await mei.press("Delete");
  await mei.saved();
  await bo.page.getByTestId("player-view").click();
  await bo.page.getByTestId("board-past").waitFor();
  await bo.page.getByTestId("tool-comment").click();
  await bo.page.mouse.click(then.x, then.y);
  await bo.page.locator('[data-testid="toast"][data-key="notice.comment_gone"]').waitFor();
  assert.deepEqual([...mei.errors, ...bo.errors], []);
}

const at = (person, recordedMs, what) =>
  until(what, async () => Math.abs((await watching(person))?.recorded - recordedMs) < 400, async () => JSON.stringify(await watching(person)));

/** Opened at a moment by the address, standing still. */
async function standingAt(person, link, track, ms) {
  await person.open(`${link}&t=${track}.${ms}`);
  await at(person, ms, "the moment of the address");
}

const CHAPTERS = [{ at_ms: 20_000, title: "The right side" }, { at_ms: 40_000, title: "The end" }];

/** The keys of the computer, as the browser passes them on. */
async function mediaKeys({ server, browser }) {
  const { links, track } = await tourOf(server, browser, { change: { chapters: CHAPTERS } });
  const bo = await Person.come(browser, { name: "Bo" });
  await bo.context.addInitScript(() => {
    const handlers = {};
    const set = navigator.mediaSession.setActionHandler.bind(navigator.mediaSession);
    navigator.mediaSession.setActionHandler = (action, handler) => {
      handlers[action] = handler;
      set(action, handler);
    };
    globalThis.pressMediaKey = (action, more = {}) => handlers[action]({ action, ...more });
  });
  await standingAt(bo, links.viewer, track, 10_000);
  const press = (action, more) => bo.page.evaluate(([name, given]) => globalThis.pressMediaKey(name, given), [action, more]);
  const session = () => bo.page.evaluate(() => [navigator.mediaSession.playbackState, navigator.mediaSession.metadata?.title]);
  await press("seekto", { seekTime: 30 });
  await at(bo, 30_000, "the place that was sought");
  await press("seekbackward");
  await at(bo, 20_000, "ten seconds before");
  await press("nexttrack");
  await at(bo, 40_000, "the next chapter");
  await press("previoustrack");
  await at(bo, 20_000, "the chapter before");
  await press("seekforward");
  await at(bo, 30_000, "ten seconds on");
  await press("play");
  await plays(bo);
  assert.deepEqual(await session(), ["playing", "Tour"]);
  await press("pause");
  await until("it to pause", async () => (await watching(bo)).status === "paused");
  assert.deepEqual(await session(), ["paused", "Tour"]);
  await bo.page.getByTestId("player-close").click();
  assert.deepEqual(await session(), ["none", undefined]);
  assert.deepEqual(bo.errors, []);
}

/** A drag along the line leads to where it ends, though that be where it began. */
async function draggedAndBack(person) {
  const { mouse } = person.page;
  const line = await person.page.getByTestId("scrubber").boundingBox();
  const to = (share) => mouse.move(line.x + line.width * share, line.y + line.height / 2);
  await to(0.25);
  await mouse.down();
  await until("the drag to be followed", async () => {
    await to(0.7);
    await to(0.75);
    return Math.abs((await watching(person)).recorded - 45_000) < 400;
  });
  await to(0.25);
  await mouse.up();
  await at(person, 15_000, "the place where it began");
}

/** Who reads on ahead of the speaker in the transcript has a way back to what is spoken. */
async function readsElsewhereAndBack({ page }) {
  const back = page.getByTestId("transcript-now");
  assert.equal(await back.count(), 0);
  await page.getByTestId("transcript-line").last().hover();
  await page.mouse.wheel(0, 5_000);
  await back.click();
  await back.waitFor({ state: "detached" });
  const spoken = page.locator("[aria-current] [data-testid=transcript-line]");
  assert.ok(await spoken.evaluate((line) => line === document.activeElement), "the focus goes there, too");
  const room = await page.locator(".side-body").boundingBox();
  const line = await spoken.boundingBox();
  assert.ok(line.y >= room.y && line.y + line.height <= room.y + room.height);
}

/** Every way there is to a place in the track, without the pointer where that can be. */
async function waysToAMoment({ server, browser }) {
  const { links, track, mei, maker } = await tourOf(server, browser, { change: { chapters: CHAPTERS } });
  const later = Array.from({ length: 38 }, (_, i) => `\n00:${40 + (i >> 2)}.${String((i % 4) * 250).padStart(3, "0")} --> 00:59.000\nLine ${i}\n`).join("");
  await maker.captions(`WEBVTT\n\n00:05.000 --> 00:09.000\nFirst this\n\n00:35.000 --> 00:39.000\nThen that\n${later}`);
  const bo = await Person.come(browser, { name: "Bo", viewport: { width: 1440, height: 900 } });
  await standingAt(bo, links.editor, track, 0);
  for (const rate of ["1.25", "1.5", "2", "2"]) {
    await bo.press(">");
    assert.equal(await bo.page.getByTestId("player-rate").innerText(), `${rate}×`);
  }
  for (const rate of ["1.5", "1.25", "1", "0.75", "0.5", "0.5"]) {
    await bo.press("<");
    assert.equal(await bo.page.getByTestId("player-rate").innerText(), `${rate}×`);
  }
  await bo.press("ArrowRight");
  await at(bo, 5_000, "five seconds on");
  await bo.press("l");
  await at(bo, 15_000, "ten seconds more");
  await bo.press("Shift+ArrowRight");
  await at(bo, 20_000, "the next chapter");
  await until("the chapter to be told", async () => /The right side/.test(await bo.page.getByTestId("player-told").innerText()));
  await bo.press("Shift+ArrowRight");
  await at(bo, 40_000, "the one behind it");
  await bo.press("Shift+ArrowLeft");
  await at(bo, 20_000, "and back");
  await bo.page.getByTestId("scrubber").focus();
  for (const [key, ms] of [["Home", 0], ["PageUp", 30_000], ["ArrowLeft", 25_000], ["Shift+ArrowLeft", 20_000]]) {
    await bo.press(key);
    await at(bo, ms, `where ${key} leads`);
  }
  await bo.page.getByTestId("player-more").click();
  await bo.page.getByTestId("open-transcript").click();
  await bo.page.getByTestId("transcript-line").nth(1).focus();
  await bo.press("Enter");
  await at(bo, 35_000, "the line of the transcript");
  await readsElsewhereAndBack(bo);
  await seesAll(bo, FAR);
  await commentOn(bo, "right", "Here?");
  await seekTo(bo, 0.1);
  const mark = await bo.page.getByTestId("mark-comment").boundingBox();
  await bo.page.mouse.click(mark.x + mark.width / 2 + 3, mark.y + 2);
  await at(bo, 35_000, "the comment's mark, though the press was beside it");
  await draggedAndBack(bo);
  await seekTo(bo, 35 / 60);
  const right = await bo.middleOf("right");
  await bo.page.mouse.click(right.x, right.y);
  await bo.page.getByTestId("bar-moment").click();
  await at(bo, 25_000, "where the thing was shown");
  assert.equal((await watching(bo)).following, true);
  assert.deepEqual([...bo.errors, ...mei.errors], []);
}

/** A copied link opens at its moment for somebody who was never here. */
async function linkToAMoment({ server, browser }) {
  const { links, track, mei } = await tourOf(server, browser);
  const bo = await Person.come(browser, { name: "Bo" });
  await bo.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await standingAt(bo, links.viewer, track, 27_500);
  await bo.page.getByTestId("player-more").click();
  await bo.page.getByTestId("player-link").click();
  await bo.page.locator('[data-testid="toast"][data-key="notice.link_copied"]').waitFor();
  const link = await bo.page.evaluate(() => navigator.clipboard.readText());
  const cy = await Person.come(browser, { name: null });
  await cy.page.goto(link);
  await cy.page.getByTestId("name").fill("Cy");
  await cy.page.getByTestId("enter").click();
  await cy.live();
  await at(cy, 27_500, "the moment of the link");
  assert.equal((await watching(cy)).status, "paused");
  await until("the view of the moment", async () => Math.abs((await watching(cy)).framed.x - 2_000) < 60);
  assert.deepEqual([...bo.errors, ...cy.errors, ...mei.errors], []);
}

/** Whatever the window's width, all of the bar is in it. */
async function barHoldsAll(person) {
  for (const width of [1280, 960, 820, 660]) {
    await person.page.setViewportSize({ width, height: 900 });
    await until(`the bar to hold all in a window of ${width} px`, () => person.page.getByTestId("player").evaluate((bar) => {
      const { left, right } = bar.getBoundingClientRect();
      const boxes = [...bar.children].map((part) => part.getBoundingClientRect());
      return right - left < innerWidth && boxes.every((box) => box.left >= left && box.right <= right);
    }));
  }
}

/** With the keyboard alone, and for whom motion is too much: the view jumps, and every part has its turn and its name. */
async function keyboardAlone({ server, browser }) {
  const { links, track, mei } = await tourOf(server, browser, { change: { chapters: CHAPTERS } });
  const bo = await Person.come(browser, { name: "Bo", reducedMotion: "reduce", viewport: { width: 1440, height: 900 } });
  await standingAt(bo, links.editor, track, 22_500); // halfway between two views
  assert.equal((await watching(bo)).framed.x, NEAR[0]);
  await bo.press("l");
  await until("the next view at once", async () => (await watching(bo)).framed.x === FAR[0]);
  const focused = () =>
    bo.page.evaluate(() => {
      const { activeElement: at } = document;
      return [at.dataset.testid ?? "", at.getAttribute("aria-label") ?? at.innerText];
    });
  await bo.page.getByTestId("player-view").focus();
  const way = [await focused()];
  while (way.at(-1)[0] !== "player-close") {
    assert.ok(way.length < 15, JSON.stringify(way));
    await bo.press("Tab");
    way.push(await focused());
  }
  assert.deepEqual(way.map(([testid]) => testid.replace(/^player-/, "")),
    ["view", "back", "toggle", "scrubber", "rate", "comment", "react", "together", "more", "close"]);
  assert.deepEqual(way.filter(([, name]) => name.trim() === ""), []);
  await bo.page.getByTestId("player-rate").focus();
  await bo.press("Enter");
  await bo.page.locator('[data-rate="2"]').waitFor(); // before it has its place it is hidden, and takes no focus
  await bo.page.locator('[data-rate="2"]').focus();
  await bo.press("Enter");
  assert.equal((await focused())[0], "player-rate", "the focus comes back");
  assert.equal(await bo.page.getByTestId("player-rate").innerText(), "2×");
  await barHoldsAll(bo);
  await bo.page.getByTestId("player-more").focus();
  await bo.press("Space");
  await bo.press("Escape");
  assert.equal((await focused())[0], "player-more");
  await bo.page.getByTestId("player-comment").focus();
  await bo.press("Enter");
  await bo.page.getByTestId("comment-text").waitFor();
  await bo.page.keyboard.type("By keys");
  await bo.press("Enter");
  await bo.page.getByTestId("mark-comment").waitFor();
  await bo.press("Escape");
  await bo.page.getByTestId("player-close").focus();
  await bo.press("Enter");
  assert.equal(await watching(bo), null);
  assert.deepEqual([...bo.errors, ...mei.errors], []);
}

const trouble = (person) => person.page.getByTestId("player-trouble");

/** A server that does not answer, and then is not there: the player says so, and goes on by itself. */
async function throughABadNetwork({ server, browser }) {
  const { links, track } = await tourOf(server, browser, { films: 4 });
  const bo = await Person.come(browser, { name: "Bo" });
  await standingAt(bo, links.viewer, track, 0);
  await until("the first film to be there", () => bo.page.evaluate(() => (document.querySelector(".face video")?.readyState ?? 0) >= 4));
  server.freeze();
  await bo.page.getByTestId("player-toggle").click();
  await bo.page.locator('[data-testid="player-trouble"][data-is="waiting"]').waitFor();
  assert.match(await trouble(bo).innerText(), /Waiting/);
  server.thaw();
  await until("it to go on by itself", async () => (await watching(bo)).played > 4_100);
  assert.equal(await trouble(bo).count(), 0);
  await server.crash();
  await bo.page.locator('[data-testid="player-trouble"][data-is="retrying"]').waitFor();
  await until("the words to be told aloud", async () => /Connection lost/.test(await bo.page.getByTestId("player-told").innerText()));
  await server.restart();
  await until("it to go on by itself again", async () => (await watching(bo)).status === "playing");
  await until("the end", async () => (await watching(bo)).status === "ended");
  assert.equal(await trouble(bo).count(), 0);
  assert.deepEqual(bo.errors, []);
}

/** A request that fails is made again; what the server has and what still does not play is given up, until it is asked for. */
async function brokenMedia({ server, browser }) {
  const { links, track } = await tourOf(server, browser, { films: 2 });
  const bo = await Person.come(browser, { name: "Bo" });
  let failing = true;
  let asked = 0;
  await bo.page.route("**/segments/1/media", (route) => {
    asked += 1;
    return failing ? route.fulfill({ status: 200, contentType: "video/webm", body: "nothing of the kind" }) : route.continue();
  });
  await standingAt(bo, links.viewer, track, 2_000);
  await bo.page.getByTestId("player-toggle").click();
  await bo.page.locator('[data-testid="player-trouble"][data-is="failed"]').waitFor();
  assert.ok(asked > 2, `${asked} times`);
  failing = false;
  await bo.page.getByTestId("player-retry").click();
  await until("the second film to play", async () => (await watching(bo)).played > 4_500);
  assert.equal(await trouble(bo).count(), 0);
  assert.deepEqual(bo.errors, []);
}

/** Access that ends while somebody watches: nothing goes on unseen, and it is said. */
async function goneMeanwhile({ server, browser }) {
  const { links, track, maker, mei } = await tourOf(server, browser, { films: 8, change: { watch: { role: "viewer" } } });
  const bo = await Person.come(browser, { name: "Bo" });
  await standingAt(bo, links.viewer, track, 0);
  await bo.page.getByTestId("player-toggle").click();
  await plays(bo);
  await maker.ask("DELETE", `/${track}`);
  await bo.page.locator('[data-testid="toast"][data-key="notice.track_gone"]').waitFor();
  assert.equal(await watching(bo), null);
  assert.equal(await bo.page.getByTestId("player").count(), 0);

  await maker.finish({ watch: { role: "editor" } });
  const made = await server.makeLink(links, "editor");
  const cy = await Person.come(browser, { name: "Cy" });
  await standingAt(cy, made.url, track, 0);
  await cy.page.getByTestId("player-toggle").click();
  await plays(cy);
  await made.change({ role: "viewer" });
  await cy.page.locator('[data-testid="toast"][data-key="notice.track_gone"]').waitFor();
  assert.equal(await watching(cy), null);
  await made.change({ role: "editor" });
  await until("Cy to edit again", () => cy.page.getByTestId("tool-sticky").isVisible());
  await openFromPanel(cy);
  await made.withdraw();
  await cy.page.getByTestId("ended").waitFor();
  await until("the track to be over", async () => (await watching(cy)) === null);
  assert.equal(await cy.page.evaluate(() => [...document.querySelectorAll("video")].filter((video) => !video.paused).length), 0);
  assert.deepEqual([...bo.errors, ...cy.errors, ...mei.errors], []);
}

export const journeys = [
  ["what is said at a moment of a talk-track stands beside what it is about", saidBesideItsObject],
  ["as recorded, a viewer sees the board grow as smoothly as an editor", smoothForAll, "long"],
  ["a comment on the board as recorded goes to the object as it is now", commentAsRecorded],
  ["the computer's media keys play, pause and seek a talk-track", mediaKeys],
  ["every way to a moment of a talk-track leads there", waysToAMoment],
  ["a talk-track is watched with the keyboard alone, and without motion", keyboardAlone],
  ["a copied link opens a talk-track at its moment for a newcomer", linkToAMoment],
  ["a talk-track on a bad network says that it waits, and goes on", throughABadNetwork, "long"],
  ["a recording that does not play is tried again, and given up aloud", brokenMedia, "long"],
  ["a talk-track whose access ends meanwhile stops and says why", goneMeanwhile],
];
