// Pictures of recording a talk-track, from the choice of devices to the card on the board.

import { Person } from "./harness.mjs";
import { choose, id, recorded, start } from "./recording.mjs";

/** One person's way through the recorder; `shoot(person, name)` takes the pictures, which end in `name`. */
export async function shootRecorder({ browser, link, name, look, phone, shoot }) {
  const person = await Person.come(browser, { name: "Mei", permissions: ["microphone", "camera"], ...look });
  await person.open(link);
  await person.press("Shift+1");
  await choose(person, "camera");
  await shoot(person, `record-setup-${name}`);
  await id(person, "record-start").click();
  await id(person, "record-count").waitFor();
  await shoot(person, `record-count-${name}`);
  await id(person, "record-bar").waitFor();
  await recorded(person, 1);
  await id(person, "record-captions").click();
  await id(person, "record-caption").fill("Reviews are where we lose the week · 评审拖得太久");
  await id(person, "record-caption").press("Enter");
  await shoot(person, `record-bar-${name}`);
  await id(person, "record-captions").click();
  await id(person, "record-pause").click();
  await recorded(person, 2);
  if (!phone) await id(person, "record-again").click();
  await shoot(person, `record-paused-${name}`);
  if (!phone) await id(person, "record-again").click();
  await id(person, "record-pause").click();
  await recorded(person, 4);
  if (!phone) {
    await id(person, "slides").click();
    await id(person, "present").click();
    await id(person, "slide-place").waitFor();
    await shoot(person, `record-presenting-${name}`);
    await person.press("ArrowRight");
    await recorded(person, 7);
    await person.press("Escape");
  }
  await id(person, "record-finish").click();
  await id(person, "record-review").waitFor();
  await shoot(person, `record-review-${name}`);
  for (const part of ["record-chapters", "record-lines"]) {
    const more = id(person, part);
    if ((await more.getAttribute("open")) === null) await more.locator("summary").click();
  }
  if (phone) await id(person, "record-chapter-add").click();
  await id(person, "record-watch").selectOption("links").catch(() => undefined); // for who rules the board
  await id(person, "record-lines").scrollIntoViewIfNeeded();
  await person.page.locator(".record-body").evaluate((body) => body.scrollTo(0, body.scrollHeight));
  await shoot(person, `record-parts-${name}`);
  await person.page.locator(".record-body").evaluate((body) => body.scrollTo(0, 0));
  await id(person, "record-watch").selectOption("viewer");
  await id(person, "record-cover-camera").click();
  await person.page.locator("[data-testid=record-cover][data-set]").waitFor();
  await shoot(person, `record-cover-${name}`);
  await id(person, "record-publish").click();
  await id(person, "record-review").waitFor({ state: "detached" });
  await shoot(person, `record-card-${name}`);
  await person.leave();
}

/** What stands in the way, and what was left. */
export async function shootRecorderTroubles({ browser, link, name, look, shoot }) {
  const person = await Person.come(browser, { name: "Tom", ...look });
  await person.open(link);
  await person.press("Shift+1");
  await id(person, "menu").click();
  await id(person, "record").click();
  await id(person, "record-trouble").waitFor();
  await shoot(person, `record-blocked-${name}`);
  await id(person, "record-silent").click();
  await id(person, "record-rehearsal").check();
  await start(person).catch(() => undefined);
  await recorded(person, 2);
  await id(person, "record-finish").click();
  await id(person, "record-keep").waitFor();
  await shoot(person, `record-rehearsed-${name}`);
  await person.page.reload();
  await id(person, "record-left").waitFor();
  await shoot(person, `record-left-${name}`);
  await id(person, "record-left-discard").click();
  await person.leave();
}
