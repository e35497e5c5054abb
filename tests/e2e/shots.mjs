// Takes the pictures people judge the product by: a full board in both themes, on a desktop and a phone, in both
// languages, and the pages before it.
//
//   PLENUM_BIN=build/release/bin/plenum node tests/e2e/shots.mjs FOLDER

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { boardOfSixty } from "./board_of_sixty.mjs";
import { anchor, caption, entry, pointer, putCard, TrackMaker, view, voice } from "./made_track.mjs";
import { shootRecorder, shootRecorderTroubles } from "./shots_recorder.mjs";
import { deviceRows, Kind, launchBrowser, Person, Server, until } from "./harness.mjs";

const folder = process.argv[2];
if (!folder) throw new Error("usage: shots.mjs FOLDER");
await mkdir(folder, { recursive: true });

const DESKTOP = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

const [THREAD, MESSAGE] = [12, 13]; // kinds

const server = await Server.start();
const browser = await launchBrowser();

/** Tiles are drawn a slice at a time; the picture waits for two quiet frames. */
async function settled(person) {
  await person.page.evaluate(() => document.fonts.ready.then(() => undefined));
  await new Promise((resolve) => setTimeout(resolve, 800));
}

async function shoot(person, name) {
  await settled(person);
  await person.page.screenshot({ path: join(folder, `${name}.png`) });
  console.log(name);
}

/** A phone shows one lane at a time. */
async function lookAt(person, title) {
  await settled(person); // nothing moves the view any more
  const frame = (await person.objects()).find((object) => object.text === title);
  const border = await person.ask("onScreen", { x: frame.rect.x + frame.rect.w / 2, y: frame.rect.y + frame.rect.h });
  await person.page.mouse.click(border.x, border.y);
  await person.press("Shift+2");
  await person.press("Escape");
}

/** The home page shows a picture of the board once this device has made one. */
async function pictureKept(person) {
  await until("the board's picture", async () => {
    return (await deviceRows(person.page, "boards")).some((row) => row.thumbnail !== null);
  });
}

/** Everyone writes some of the notes, the Chinese ones 小梅's; the host lays out the rest. */
async function fill(host, guests) {
  const objects = boardOfSixty();
  const frameIds = await host.ask("make", objects.filter((object) => object.kind === Kind.FRAME));
  await host.saved(); // what lies on them is refused before they are there
  const inFrame = (object) => ({ ...object, parent: object.parent === null ? null : frameIds[object.parent] });
  const [mei, ...others] = guests;
  const writers = [host, ...others];
  const notes = objects.filter((object) => object.kind === Kind.STICKY).map(inFrame);
  const chinese = (note) => /\p{Script=Han}/u.test(note.text);
  await mei.ask("make", notes.filter(chinese));
  const rest = notes.filter((note) => !chinese(note));
  for (const [i, writer] of writers.entries()) {
    await writer.ask("make", rest.filter((_, k) => k % writers.length === i));
  }
  for (const person of [host, ...guests]) await person.saved();
  await host.ask("make", objects.filter((object) => object.kind !== Kind.FRAME && object.kind !== Kind.STICKY).map(inFrame));
  await host.saved();
  for (const guest of guests) await guest.press("Shift+1");
}

/** The same board for who records: their talk-tracks' cards lie there. */
async function studioOf(person) {
  const { links } = await server.createBoard("Sprint 24 retrospective");
  await person.open(links.owner);
  await person.saved();
  const objects = boardOfSixty();
  const frameIds = await person.ask("make", objects.filter((object) => object.kind === Kind.FRAME));
  await person.saved();
  const rest = objects.filter((object) => object.kind !== Kind.FRAME);
  await person.ask("make", rest.map((object) => ({ ...object, parent: object.parent === null ? null : frameIds[object.parent] })));
  await person.saved();
  return links.owner;
}

async function comment(person, about, text) {
  const at = await person.middleOf(about);
  await person.press("c");
  await person.page.mouse.click(at.x + 24, at.y + 20);
  await person.page.getByTestId("comment-text").fill(text);
  await person.page.getByTestId("comment-send").click();
  await person.page.getByTestId("thread-card").waitFor();
  await person.press("Escape");
}

async function react(person, about, reaction) {
  const at = await person.middleOf(about);
  await person.page.mouse.click(at.x - 20, at.y - 10);
  await person.page.getByTestId("react").click();
  await person.page.getByTestId(`react-${reaction}`).click();
  await person.press("Escape");
}

/** What people say about the notes, and how they take them. */
async function talkOver([mei, tom, priya]) {
  await comment(tom, "Estimates ignore holidays", "Shall we take the team's calendar into the estimate from now on?");
  await comment(mei, "Rotate a review captain", "我可以先当第一周的。");
  const row = tom.page.getByTestId("pin").filter({ hasText: "1" }).last();
  await row.click();
  await tom.page.getByTestId("comment-text").fill("Thank you! Then I take the second.");
  await tom.page.getByTestId("comment-send").click();
  await tom.press("Escape");
  for (const [about, reaction, people] of [
    ["Pairing on the importer paid off", 2, [mei, tom, priya]],
    ["On-call was quiet 🎉", 3, [tom, priya]],
    ["Too many meetings on Tuesday", 5, [mei, tom]],
    ["Delete one alert a week", 0, [priya, mei]],
    ["Thank you, Marta, for the diagrams", 1, [mei, priya]],
  ]) {
    for (const person of people) await react(person, about, reaction);
  }
  for (const person of [mei, tom, priya]) await person.saved();
}

/** A thread and the list of them all, the slides, one of them presented. */
async function shootTalk(person, name) {
  await person.page.getByTestId("pin").last().click();
  await person.page.getByTestId("comments").click();
  await person.page.getByTestId("thread-row").first().waitFor();
  await shoot(person, `comments-${name}`);
  await person.page.getByTestId("comment-close").click();
  await person.page.getByTestId("slides").click();
  await person.page.getByTestId("slide").first().waitFor();
  await shoot(person, `slides-${name}`);
  await person.page.getByTestId("present").click();
  await person.page.getByTestId("slide-place").waitFor();
  await shoot(person, `presenting-${name}`);
  await person.press("Escape");
}

const below = ({ rect }) => [rect.x, rect.y + rect.h + 32];

/** A talk-track over the board's first two lanes, with comments of others at three of its moments. */
async function recordTour(host, [mei, tom, priya], link) {
  const maker = await TrackMaker.by(host, server, link);
  const title = "Ana walks through the themes";
  const track = await maker.begin(title);
  const objects = await host.objects();
  const named = (text) => objects.find((object) => object.text === text);
  const shown = ["Went well · 做得好", "To improve · 待改进", "Reviews wait more than a day"].map((text) => anchor(named(text)));
  const seq = await host.ask("seq");
  const said = caption(1, "Reviews are where we lose the week · 评审拖得太久");
  for (let i = 0; i < 20; i++) {
    await maker.segment(voice, [view(0, [-40, -200, 1120, 900], ...shown), entry(0, seq), said, pointer(10, 640, 120)], 4_000);
  }
  const { played_ms: lengthMs } = await maker.finish({ chapters: [{ at_ms: 20_000, title: "To improve" }] });
  const card = await putCard(host, track, { title, lengthMs, at: below(named("Actions · 行动项")) });
  const reviews = named("Reviews wait more than a day");
  const thread = { kind: THREAD, fields: { 27: [reviews.id, 0, 1, 0], 29: [card, 9_500] }, text: "", parent: null };
  const [pin] = await host.ask("make", [thread]);
  await host.saved();
  for (const [who, ms, text] of [[tom, 9_500, "Fourth week in a row"], [mei, 41_000, "我们组也一样"], [priya, 60_000, "I can take this one"]]) {
    await who.ask("make", [{ kind: MESSAGE, fields: { 29: [card, ms] }, text, parent: pin }]);
    await who.saved();
  }
  return track;
}

async function watch(person, link, phone) {
  await person.open(link);
  await person.page.getByTestId("player").waitFor();
  if (!phone) await person.page.getByTestId("player-captions").click();
  await person.page.getByTestId("player-toggle").click();
  await until("the track to play", async () => (await person.ask("watching")).played > 10_000);
}

try {
  const { links } = await server.createBoard("Sprint 24 retrospective");
  const host = await Person.come(browser, { name: "Ana", ...DESKTOP });
  await host.open(links.owner);
  await until("edits to be possible", async () => (await host.ask("state")).is === "saved");
  const guests = [];
  for (const [name, language] of [["小梅", "zh"], ["Tom", "en"], ["Priya", "en"]]) {
    const guest = await Person.come(browser, { name, language, ...DESKTOP });
    await guest.open(links.editor);
    await guest.press("Shift+1");
    guests.push(guest);
  }
  await fill(host, guests);
  await talkOver(guests);
  const wander = async () => {
    for (const [i, guest] of guests.entries()) await guest.page.mouse.move(420 + i * 260, 330 + i * 130, { steps: 3 });
  };

  const track = await recordTour(host, guests, links.owner);
  const recorder = await Person.come(browser, { name: "Ana", ...DESKTOP });
  const studio = await studioOf(recorder);
  await recorder.leave();
  for (const theme of ["light", "dark"]) {
    for (const language of ["en", "zh"]) {
      for (const [device, size] of [["desktop", DESKTOP], ["phone", PHONE]]) {
        const person = await Person.come(browser, { name: "Ana", theme, language, ...size });
        await person.open(links.owner);
        await person.press("Shift+1");
        if (device === "phone") await lookAt(person, "Ideas · 想法");
        await wander();
        await shoot(person, `board-${device}-${theme}-${language}`);
        if (device === "desktop") {
          const at = await person.middleOf("Zero rollbacks this sprint");
          await person.page.mouse.click(at.x, at.y);
          await shoot(person, `selected-${theme}-${language}`);
          await person.press("Escape");
          await shootTalk(person, `${theme}-${language}`);
        }
        await person.leave();
        const viewer = await Person.come(browser, { name: "Tom", theme, language, ...size });
        await watch(viewer, `${links.editor}&t=${track}.9000`, device === "phone");
        await shoot(viewer, `play-${device}-${theme}-${language}`);
        await viewer.page.getByTestId("player-more").click();
        await viewer.page.getByTestId("open-transcript").click();
        await shoot(viewer, `transcript-${device}-${theme}-${language}`);
        await viewer.leave();
        const name = `${device}-${theme}-${language}`;
        const speaking = { browser, link: studio, name, look: { theme, language, ...size }, phone: device === "phone", shoot };
        await shootRecorder(speaking);
        await shootRecorderTroubles(speaking);
      }
    }
    const home = await Person.come(browser, { name: "Ana", theme, language: theme === "dark" ? "zh" : "en", ...DESKTOP });
    await home.open(links.owner);
    await home.saved();
    await pictureKept(home);
    await home.page.goto(server.url);
    await home.page.getByTestId("new-board").waitFor();
    await shoot(home, `home-${theme}`);
    await home.leave();
    const sharer = await Person.come(browser, { name: "Ana", theme, ...DESKTOP });
    await sharer.open(links.owner);
    await sharer.page.getByTestId("share").click();
    await sharer.page.getByTestId("given").first().waitFor();
    await shoot(sharer, `share-${theme}`);
    await sharer.leave();
    const guest = await Person.come(browser, { name: null, theme, ...DESKTOP });
    await guest.page.goto(`${links.editor}&t=${track}.9000`);
    await guest.page.locator('[data-testid="promised"][data-is="told"]').waitFor();
    await shoot(guest, `welcome-${theme}`);
    await guest.leave();
  }
} finally {
  await browser.close();
  await server.stop();
}
