// What every journey stands on: the real server in a folder of its own, Chromium, and people with a name who open a
// link. Nothing is mocked. Whatever is started here is ended by its process id.

import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(join(here, "../../web/package.json"));
const { chromium } = require("playwright-core");

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
/** Those of the address bar load pages of their own for each person, a fifth of a journey's time. The rest is what
 *  playwright-core turns off, whose list this one replaces. */
const FEATURES_OFF = [
  ...["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"],
  ...["AvoidUnnecessaryBeforeUnloadCheckSync", "BoundaryEventDispatchTracksNodeRemoval", "DestroyProfileOnBrowserClose"],
  ...["DialMediaRouteProvider", "GlobalMediaControls", "HttpsUpgrades", "LensOverlay", "MediaRouter", "OptimizationHints"],
  ...["PaintHolding", "RenderDocument", "ThirdPartyStoragePartitioning", "Translate"],
];
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  `--disable-features=${FEATURES_OFF.join(",")}`,
  // A camera and a microphone that beep and tick; whether a page may use them is each person's permission.
  "--use-fake-device-for-media-stream",
  // A name that is no loopback address to the browser: plain http without a secure context.
  "--host-resolver-rules=MAP plenum.test 127.0.0.1",
];
/** How long anything a person waits for may take before the journey gives up; generous, never asserted. */
export const PATIENCE_MS = 30_000;

/** Kind numbers of proto/schema.def. */
export const Kind = { STICKY: 3, TEXT: 4, SHAPE: 5, FRAME: 6 };

function serverProgram() {
  const program = process.env.PLENUM_BIN;
  if (!program) throw new Error("PLENUM_BIN is not set: the path of the plenum program");
  return program;
}

/** Resolves with the address in the server's start line, rejects with its output when it ends first. */
function startLine(child) {
  return new Promise((resolve, reject) => {
    let output = "";
    const read = (bytes) => {
      output += bytes;
      const address = /https?:\/\/[\d.]+:(\d+)/.exec(output);
      if (address && Number(address[1]) !== 0) resolve(address[0]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", (code, signal) => reject(new Error(`plenum ended (${code ?? signal}):\n${output}`)));
    child.once("error", reject);
  });
}

const ended = (child) =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once("exit", resolve));

export class Server {
  /** `secure`: over TLS, with a certificate nobody knows. */
  static async start({ secure = false } = {}) {
    const server = new Server();
    server.data = await mkdtemp(join(tmpdir(), "plenum-e2e-"));
    server.tls = secure ? ["--tls-cert", join(server.data, "chain.pem"), "--tls-key", join(server.data, "key.pem")] : [];
    if (secure) server.makeCertificate();
    await server.#spawn("127.0.0.1:0");
    return server;
  }

  makeCertificate() {
    const [, chain, , key] = this.tls;
    const made = spawnSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
      "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", chain]);
    if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
  }

  /** Another certificate under the server's feet. */
  changeCertificate() {
    this.makeCertificate();
    this.child.kill("SIGHUP");
  }

  async #spawn(listen) {
    const child = spawn(serverProgram(), ["serve", "--listen", listen, "--data", this.data, ...this.tls], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    this.url = await startLine(child);
  }

  /** kill -9: nothing is flushed, nobody is told. */
  async crash() {
    this.child.kill("SIGKILL");
    await ended(this.child);
  }

  /** Stops without ending: connections stay open and nothing answers. */
  freeze() {
    this.child.kill("SIGSTOP");
  }

  thaw() {
    this.child.kill("SIGCONT");
  }

  /** The same data on the same port. */
  async restart() {
    await this.#spawn(new URL(this.url).host);
  }

  async stop() {
    this.child.kill("SIGTERM");
    const late = setTimeout(() => this.child.kill("SIGKILL"), 10_000);
    await ended(this.child);
    clearTimeout(late);
    await rm(this.data, { recursive: true, force: true });
  }

  /** A new board's links by role. */
  async createBoard(title = "") {
    const response = await fetch(`${this.url}/api/boards`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: this.url },
      body: JSON.stringify({ title }),
    });
    if (response.status !== 201) throw new Error(`POST /api/boards: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /** Another link to a board: made, changed and withdrawn by the owner's token, as the share panel does. */
  async makeLink(links, role) {
    const { pathname, hash } = new URL(links.owner);
    const root = `${this.url}/api/boards/${pathname.split("/").pop()}/links`;
    const ask = async (method, path, body) => {
      const answer = await fetch(root + path, {
        method,
        headers: { "content-type": "application/json", origin: this.url, authorization: `Bearer ${hash.slice("#k=".length)}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!answer.ok) throw new Error(`${method} links${path}: ${answer.status} ${await answer.text()}`);
      return answer.status === 204 ? null : answer.json();
    };
    const { link, url } = await ask("POST", "", { role, lasts_ms: 0 });
    return {
      url: new URL(url, this.url).href,
      change: (change) => ask("PUT", `/${link}`, change),
      withdraw: () => ask("DELETE", `/${link}`),
    };
  }
}

export function launchBrowser() {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** One person with a browser profile of their own. */
export class Person {
  static async come(browser, { name = "Ada", language = "en", theme = "light", viewport, ...rest } = {}) {
    const person = new Person();
    person.context = await browser.newContext({
      viewport: viewport ?? { width: 1100, height: 760 },
      locale: language === "zh" ? "zh-CN" : "en-GB",
      ...rest,
    });
    const prefs = { "plenum.name": name, "plenum.language": language, "plenum.theme": theme };
    await person.context.addInitScript((kept) => {
      for (const [key, value] of Object.entries(kept)) {
        if (value !== null && localStorage.getItem(key) === null) localStorage.setItem(key, value);
      }
    }, prefs);
    person.page = await person.context.newPage();
    person.page.setDefaultTimeout(PATIENCE_MS);
    person.errors = [];
    person.page.on("pageerror", (error) => person.errors.push(String(error)));
    if (process.env.PLENUM_E2E_CONSOLE) person.page.on("console", (line) => console.log(`    ${name}: ${line.text()}`));
    return person;
  }

  async open(link) {
    this.link = link;
    await this.page.goto(link);
    await this.live();
    let state;
    await until(
      "the board to be joined",
      async () => ["saved", "saving", "readonly"].includes((state = await this.ask("state")).is),
      () => JSON.stringify(state),
    );
  }

  /** Another tab of this person's browser. */
  async tab(link = this.link) {
    const page = await this.context.newPage();
    const tab = Object.assign(new Person(), { context: this.context, page, errors: this.errors });
    await tab.open(link);
    return tab;
  }

  leave() {
    return this.context.close();
  }

  /** On the board, with its content on screen. */
  async live() {
    await until("the board to load", () =>
      this.page.evaluate(() => (globalThis.__plenum?.seq() ?? 0) > 0 && document.querySelector("canvas") !== null),
    );
  }

  ask(question, ...args) {
    return this.page.evaluate(
      ([name, given]) => globalThis.__plenum[name](...given),
      [question, args],
    );
  }

  /** Everything drawn, as plain objects: {id, kind, text, rect, parent}. */
  objects() {
    return this.ask("objects");
  }

  async texts() {
    return (await this.objects()).map((object) => object.text).sort();
  }

  /** The status chip's words. */
  chip() {
    return this.page.getByTestId("chip").innerText();
  }

  async chipSays(words) {
    await until(`the chip to say ${words}`, async () => words.test(await this.chip()));
  }

  async press(keys) {
    await this.page.keyboard.press(keys);
  }

  /** A sticky made the quick way: N, a click, the text, Escape. */
  async sticky(x, y, text) {
    await this.beginSticky(x, y);
    await this.page.keyboard.type(text);
    await this.press("Escape");
    await this.sees(text);
  }

  async beginSticky(x, y) {
    await this.press("n");
    await this.page.mouse.click(x, y);
    await this.page.getByTestId("editor").waitFor();
  }

  /** A frame drawn out from one corner to the other, with its title. */
  async frame(from, to, title) {
    await this.press("f");
    await this.drag(from, to);
    await this.page.getByTestId("editor").waitFor();
    await this.page.keyboard.type(title);
    await this.press("Escape");
    await this.sees(title);
  }

  /** Opens an object's text by a double click on it, the caret behind its last character. */
  async editText(text) {
    const at = await this.middleOf(text);
    await this.page.mouse.dblclick(at.x, at.y);
    await this.page.getByTestId("editor").waitFor();
    await this.press("Control+End");
  }

  async sees(...texts) {
    await until(`the board to show ${texts}`, async () => {
      const shown = await this.texts();
      return texts.every((text) => shown.includes(text));
    });
  }

  async drag(from, to, steps = 8) {
    await this.page.mouse.move(from.x, from.y);
    await this.page.mouse.down();
    await this.page.mouse.move(to.x, to.y, { steps });
    await this.page.mouse.up();
  }

  /** Where an object's middle is on the screen. */
  async middleOf(text) {
    const found = (await this.objects()).find((object) => object.text === text);
    if (!found) throw new Error(`nothing says ${text}`);
    return this.ask("onScreen", { x: found.rect.x + found.rect.w / 2, y: found.rect.y + found.rect.h / 2 });
  }

  /** Nothing is pending and the connection is live. */
  async saved() {
    await until("everything to be saved", async () => (await this.ask("state")).is === "saved");
  }
}

/** Rows of one of the client's IndexedDB stores, on a page of the same origin; `put` rows are written first. */
export function deviceRows(page, store, put = []) {
  return page.evaluate(
    ([name, rows]) =>
      new Promise((resolve, reject) => {
        const open = indexedDB.open("plenum");
        open.onerror = () => reject(open.error);
        open.onsuccess = () => {
          const tx = open.result.transaction(name, "readwrite");
          const bytesBack = (row) => (row.bytes ? { ...row, bytes: Uint8Array.from(row.bytes) } : row);
          for (const row of rows) tx.objectStore(name).put(bytesBack(row));
          const all = tx.objectStore(name).getAll();
          tx.oncomplete = () => {
            open.result.close();
            const plain = (row) => (row.bytes ? { ...row, bytes: [...row.bytes] } : row);
            resolve(all.result.map(plain));
          };
        };
      }),
    [store, put],
  );
}

/** Waits for a condition a person would wait for; `instead` says how things stand when it does not come. */
export async function until(what, condition, instead = () => "") {
  const patience = Date.now() + PATIENCE_MS;
  for (;;) {
    if (await condition()) return;
    if (Date.now() > patience) throw new Error(`waited in vain for ${what} ${instead()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** At rest all replicas are equal: same state hash at the same seq. */
export async function converged(...people) {
  await until("all to have the same board", async () => {
    const hashes = await Promise.all(people.map((person) => person.ask("hashes")));
    const pending = await Promise.all(people.map((person) => person.ask("pending")));
    return new Set(hashes.map((hash) => hash.state)).size === 1 && pending.every((count) => count === 0);
  });
}
