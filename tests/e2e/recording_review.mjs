// What comes after recording: what is changed in the review stays changed, what is trimmed is not played, what was thrown
// away is gone, what was rehearsed tells the board as it was then.

import assert from "node:assert/strict";
import { Person, until } from "./harness.mjs";
import { ALLOWED, cardsOf, choose, id, publish, recorded, seconds, sent, speaking, start, tracksOf } from "./recording.mjs";

async function finish(person) {
  await id(person, "record-finish").click();
  await id(person, "record-review").waitFor();
}

/** Adds a chapter at a second of the recording. */
async function chapter(person, at, title) {
  await id(person, "record-chapters").locator("summary").click();
  await id(person, "record-chapter-add").click();
  const row = id(person, "record-chapter").last();
  await row.locator("input").last().fill(title);
  await row.locator("input").first().fill(`0:0${at}`);
  await row.locator("input").first().press("Enter");
}

const title = (person) => id(person, "record-title").inputValue();
const chapters = (person) => id(person, "record-chapter").locator("input:last-of-type").evaluateAll((inputs) =>
  inputs.map((input) => input.value).filter((text) => !/^\d/.test(text)));
const value = async (person, name) => Number(await id(person, name).inputValue());

async function slidesArePresented({ server, browser }) {
  const { links } = await server.createBoard();
  const mei = await Person.come(browser, { name: "Mei", ...ALLOWED });
  await mei.open(links.editor);
  await mei.frame({ x: 120, y: 160 }, { x: 420, y: 360 }, "First");
  await mei.frame({ x: 460, y: 160 }, { x: 760, y: 360 }, "Second");
  await mei.press("Escape");
  await choose(mei, "microphone");
  await start(mei);
  await id(mei, "slides").click();
  await id(mei, "present").click();
  await id(mei, "slide-place").waitFor();
  await recorded(mei, 1);
  await mei.press("ArrowRight");
  await recorded(mei, 2);
  await id(mei, "record-before").click();
  await until("the bar's button to leaf through the slides, too", async () =>
    (await id(mei, "slide-place").innerText()).includes("1 / 2"));
  await id(mei, "record-next").click();
  await mei.press("Escape");
  await recorded(mei, 3);
  await finish(mei);
  assert.deepEqual(await chapters(mei), ["First", "Second", "First", "Second"], "no view stayed four seconds: slides said so");
  await publish(mei, "Slides");
  const [track] = await tracksOf(mei);
  assert.deepEqual(track.chapters.map((row) => row.title), ["First", "Second", "First", "Second"]);
  assert.deepEqual(mei.errors, []);
}

async function nothingIsLostByLater({ server, browser }) {
  const { links } = await server.createBoard("Themes");
  const mei = await Person.come(browser, { name: "Mei", ...ALLOWED });
  await mei.open(links.editor);
  await choose(mei, "microphone");
  await start(mei);
  await recorded(mei, 3);
  await finish(mei);
  await id(mei, "record-title").fill("Told twice");
  await chapter(mei, 1, "The middle");
  await id(mei, "record-watch").selectOption("editor");
  await id(mei, "record-from").focus();
  for (let i = 0; i < 5; i++) await mei.press("ArrowRight"); // half a second
  const from = await value(mei, "record-from");
  assert.ok(from >= 400, `${from} ms`);
  await id(mei, "record-close").click();
  await id(mei, "record-review").waitFor({ state: "detached" });
  const stands = async (person) => {
    assert.equal(await title(person), "Told twice");
    assert.deepEqual(await chapters(person), ["The middle"]);
    assert.equal(await id(person, "record-watch").inputValue(), "editor");
    assert.ok(Math.abs((await value(person, "record-from")) - from) <= 100);
  };
  await id(mei, "tracks").click();
  await id(mei, "track-finish").click();
  await id(mei, "record-review").waitFor();
  await stands(mei);
  // The tab is closed in the midst of a word.
  await until("the server to have it, too", async () => (await tracksOf(mei))[0].chapters.length === 1);
  await id(mei, "record-title").fill("Told three times");
  await new Promise((resolve) => setTimeout(resolve, 500));
  const cookies = await mei.context.cookies();
  await mei.page.close();
  const again = await mei.tab();
  await id(again, "record-left-finish").click();
  await id(again, "record-review").waitFor();
  assert.equal(await title(again), "Told three times");
  assert.deepEqual(await chapters(again), ["The middle"]);
  await until("the server to have the new title", async () => (await tracksOf(again))[0].title === "Told three times");
  await mei.leave();
  // Another device of the same guest knows nothing but what the server does.
  const other = await Person.come(browser, { name: "Mei", ...ALLOWED });
  await other.context.addCookies(cookies);
  await other.open(links.editor);
  await id(other, "tracks").click();
  await id(other, "track-finish").click();
  await id(other, "record-review").waitFor();
  await id(other, "record-title").fill("Told twice");
  await stands(other);
  await publish(other, "Told twice");
  const [track] = await tracksOf(other);
  assert.deepEqual(track.watch, { role: "editor" });
  assert.ok(track.cuts[0][0] >= 400, JSON.stringify(track.cuts));
}

async function changesToAPublishedOneWait({ server, browser }) {
  const { mei } = await speaking(server, browser, "none");
  await recorded(mei, 1);
  await finish(mei);
  await publish(mei, "As it is");
  const edit = async () => {
    await id(mei, "tracks").click();
    await id(mei, "track-menu").click();
    await mei.page.getByText("Edit", { exact: true }).click();
    await id(mei, "record-review").waitFor();
  };
  await edit();
  await id(mei, "record-title").fill("As it shall be");
  await id(mei, "record-close").click();
  await id(mei, "record-review").waitFor({ state: "detached" });
  assert.equal((await tracksOf(mei))[0].title, "As it is", "what is on the board changes when it is saved");
  await edit();
  assert.equal(await title(mei), "As it shall be");
  await id(mei, "record-publish").click();
  await id(mei, "record-review").waitFor({ state: "detached" });
  assert.equal((await tracksOf(mei))[0].title, "As it shall be");
  assert.equal((await cardsOf(mei)).length, 1);
  // What the server does not do is said.
  const refuse = (route) => (route.request().method() === "DELETE" ? route.fulfill({ status: 403, json: { code: "perm" } }) : route.continue());
  await mei.page.route("**/tracks/*", refuse);
  await id(mei, "tracks").click();
  await id(mei, "track-menu").click();
  await id(mei, "track-remove").click();
  await mei.page.locator('[data-testid="toast"][data-key="notice.track_unchanged"]').waitFor();
  assert.deepEqual(mei.errors, []);
}

async function startedOver({ server, browser }) {
  const { links } = await server.createBoard();
  const mei = await Person.come(browser, { name: "Mei", ...ALLOWED });
  const host = await Person.come(browser, { name: "Ana" });
  await mei.open(links.editor);
  await host.open(links.owner);
  await choose(mei, "microphone");
  await start(mei);
  await id(mei, "record-captions").click();
  await id(mei, "record-caption").fill("What nobody shall hear");
  await mei.press("Enter");
  await recorded(mei, 3);
  await sent(mei);
  await id(mei, "record-restart").click();
  await id(mei, "record-restart-sure").click();
  await until("it to begin anew", async () => seconds(await id(mei, "record-time").innerText()) < 2);
  await recorded(mei, 1);
  await finish(mei);
  const spoken = await value(mei, "record-to");
  await publish(mei, "Better");
  const own = await tracksOf(mei);
  assert.deepEqual(own.map((track) => track.title), ["Better"], "the author finds it nowhere");
  assert.ok(Math.abs(own[0].played_ms - spoken) < 500, "it is as long as what was said since");
  assert.equal(own[0].captions, false);
  assert.deepEqual((await tracksOf(host)).map((track) => track.title), ["Better"], "nor does who rules the board");
}

async function trimmedByHandles({ server, browser }) {
  const { mei, links } = await speaking(server, browser, "microphone");
  await recorded(mei, 4);
  await finish(mei);
  const line = await id(mei, "record-from").boundingBox();
  const whole = await value(mei, "record-to");
  const y = line.y + line.height / 2;
  const x = (ms) => line.x + 8 + ((line.width - 16) * ms) / whole; // the handles are 16 px wide
  await mei.drag({ x: x(0), y }, { x: x(1000), y });
  await mei.drag({ x: x(whole), y }, { x: x(whole - 1000), y });
  const near = (ms, wanted) => assert.ok(Math.abs(ms - wanted) < 200, `${ms} ms, wanted ${wanted}`);
  near(await value(mei, "record-from"), 1000);
  near(await value(mei, "record-to"), whole - 1000);
  await id(mei, "record-to").focus();
  const before = await value(mei, "record-to");
  await mei.press("ArrowLeft");
  await mei.press("ArrowLeft");
  near(await value(mei, "record-to"), before - 200);
  await id(mei, "record-to").press("Home"); // the end stays behind the beginning
  const from = await value(mei, "record-from");
  assert.equal(await value(mei, "record-to"), from + 500);
  await publish(mei, "Half a second");
  const [track] = await tracksOf(mei);
  near(track.played_ms, 500);
  const ana = await Person.come(browser, { name: "Ana" });
  await ana.open(links.viewer);
  await id(ana, "tracks").click();
  await id(ana, "track-row").locator(".track-open").click();
  const heard = [];
  await until("the end", async () => {
    const report = await ana.ask("watching");
    const media = await ana.page.evaluate(() => document.querySelector("video, audio")?.currentTime ?? null);
    if (report?.status === "playing" && media !== null) heard.push(media * 1000);
    return report?.status === "ended";
  });
  const [[cutFrom, cutTo]] = track.cuts;
  for (const at of heard) assert.ok(at >= cutFrom - 50 && at <= cutTo + 150, `${at} is not within ${cutFrom} to ${cutTo}`);
}

/** A rehearsal's review is another: nothing to publish yet. */
async function finishRehearsal(person) {
  await id(person, "record-finish").click();
  await id(person, "record-keep").waitFor();
}

/** A rehearsal that is kept an hour later still tells the board as it was. */
async function rehearsalKeptLater({ server, browser }) {
  const { links } = await server.createBoard();
  const mei = await Person.come(browser, { name: "Mei", ...ALLOWED });
  const tom = await Person.come(browser, { name: "Tom" });
  await mei.open(links.editor);
  await tom.open(links.editor);
  await mei.sticky(300, 300, "before");
  await mei.saved();
  await choose(mei, "none");
  await id(mei, "record-rehearsal").check();
  await start(mei);
  await mei.press("Escape");
  await recorded(mei, 1);
  const began = await mei.ask("seq");
  await mei.sticky(600, 300, "while rehearsing");
  await mei.saved();
  const ended = await mei.ask("seq");
  await recorded(mei, seconds(await id(mei, "record-time").innerText()) + 1); // the timeline names it
  await finishRehearsal(mei);
  // Much happens before it is kept: more entries than a recorder may be behind by itself.
  for (let i = 0; i < 280; i++) {
    await tom.ask("make", [{ kind: 3, fields: { 1: [20 * i, 900] }, text: "", parent: null }]);
    if (i % 40 === 39) await tom.saved();
  }
  await tom.saved();
  await until("Mei to have it all", async () => (await mei.ask("seq")) === (await tom.ask("seq")));
  await id(mei, "record-keep").click();
  await publish(mei, "Rehearsed");
  const [track] = await tracksOf(mei);
  const [segment] = track.segments;
  assert.ok(segment.first_seq <= began, `from ${segment.first_seq}, recorded from ${began} on`);
  assert.ok(segment.last_seq >= ended && segment.last_seq < ended + 100, `to ${segment.last_seq}, recorded to ${ended}`);
  // Who may not edit is told only what a track refers to.
  const ana = await Person.come(browser, { name: "Ana" });
  await ana.open(links.viewer);
  await id(ana, "tracks").click();
  await id(ana, "track-row").locator(".track-open").click();
  await until("the end", async () => (await ana.ask("watching"))?.status === "ended");
  await id(ana, "player-view").click();
  await id(ana, "board-past").waitFor();
  const line = await id(ana, "scrubber").boundingBox();
  await ana.page.mouse.click(line.x + line.width * 0.2, line.y + line.height / 2); // at rest, before the second sticky
  await until("the board as it was to be compared", async () => (await ana.ask("watching")).hashes.length > 0);
  for (const { recorded: then, rebuilt } of (await ana.ask("watching")).hashes) assert.equal(rebuilt, then);
}

export const journeys = [
  ["slides that are presented while recording become chapters", slidesArePresented],
  ["what is changed in the review is there again, after Later, after closing the tab, and on another device", nothingIsLostByLater],
  ["changes to a talk-track on the board wait until they are saved", changesToAPublishedOneWait],
  ["a recording that is started over leaves nothing of what was said", startedOver, "long"],
  ["a talk-track is trimmed by its handles, with mouse and keys, and plays only what is inside", trimmedByHandles, "long"],
  ["a rehearsal that is kept later tells the board as it was when it was recorded", rehearsalKeptLater, "long"],
];
