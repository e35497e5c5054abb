// What the player adds to watching: comments and reactions beside what they are about, the board as it was for whoever
// may watch, comments on it, keys and the computer's media keys, links to a moment, a network that fails, and access that
// ends meanwhile.

import assert from "node:assert/strict";
import { until } from "./harness.mjs";
import { anchor, entry, film, pointer, putCard, silence, TrackMaker, view } from "./made_track.mjs";
import { comeTo, find, NEAR, openFromPanel, plays, seekTo, sticky, tourOf, watching } from "./watching.mjs";

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
    await until("both to come up on the board", async () => (await comments.count()) === 2);
    const at = await cy.middleOf("left");
    const boxes = [await comments.nth(0).boundingBox(), await comments.nth(1).boundingBox()];
    for (const box of boxes) assert.ok(Math.abs(box.x - at.x) < 320 && Math.abs(box.y - at.y) < 200, JSON.stringify([box, at]));
    const [a, b] = boxes;
    assert.ok(a.y + a.height <= b.y || b.y + b.height <= a.y || a.x + a.width <= b.x || b.x + b.width <= a.x);
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

export const journeys = [
  ["what is said at a moment of a talk-track stands beside what it is about", saidBesideItsObject],
  ["as recorded, a viewer sees the board grow as smoothly as an editor", smoothForAll],
  ["a comment on the board as recorded goes to the object as it is now", commentAsRecorded],
];
