// Two people on a board over TLS, in a real browser; the certificate changes under them and a third comes.

import assert from "node:assert/strict";
import { connect } from "node:tls";
import { converged, Person, Server, until } from "./harness.mjs";

const come = (browser, name) => Person.come(browser, { name, ignoreHTTPSErrors: true });

/** What marks the certificate that a new connection is shown. */
function certificateShown(server) {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

const createBoard = (page) =>
  page.evaluate(async () => (await (await fetch("/api/boards", { method: "POST", body: "{}" })).json()).links);

async function meet(server, browser) {
  const ada = await come(browser, "Ada");
  await ada.page.goto(server.url.replace("https:", "http:"));
  assert.match(ada.page.url(), /^https:/);
  const links = await createBoard(ada.page);
  assert.match(links.owner, /^https:/);
  const bo = await come(browser, "Bo");
  await ada.open(links.owner);
  await bo.open(links.editor);
  await ada.sticky(300, 250, "from Ada");
  await bo.sees("from Ada");
  const cookies = await ada.context.cookies();
  assert.ok(cookies.length > 0 && cookies.every((cookie) => cookie.secure && cookie.httpOnly));

  const first = await certificateShown(server);
  server.changeCertificate();
  await until("the other certificate to be shown", async () => (await certificateShown(server)) !== first);
  await bo.sticky(620, 250, "from Bo");
  await ada.sees("from Bo");
  const cy = await come(browser, "Cy");
  await cy.open(links.viewer);
  await cy.sees("from Ada", "from Bo");
  await converged(ada, bo, cy);
  assert.deepEqual([...ada.errors, ...bo.errors, ...cy.errors], []);
}

async function overTls({ browser }) {
  const server = await Server.start({ secure: true });
  try {
    await meet(server, browser);
  } finally {
    await server.stop();
  }
}

export const journeys = [["people meet over TLS, and its certificate changes under them", overTls]];
