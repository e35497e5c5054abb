// Proves that the checks can fail: each plants violations in a small tree of its own and expects exactly those.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { checkC, checkHeadersStandAlone } from "./c_rules.mjs";
import { checkTs } from "./ts_rules.mjs";
import { checkLength } from "./length.mjs";

/** Runs `check` on a tree of {path: text}; complains unless the findings start with `expected`, one to one. */
function planted(check, tree, expected) {
  return () => {
    const root = mkdtempSync(join(tmpdir(), "plenum-rules-"));
    try {
      for (const [path, text] of Object.entries(tree)) {
        mkdirSync(join(root, dirname(path)), { recursive: true });
        writeFileSync(join(root, path), text);
      }
      const found = check(root);
      const missed = expected.filter((start) => !found.some((line) => line.startsWith(start)));
      const surplus = found.filter((line) => !expected.some((start) => line.startsWith(start)));
      return [...missed.map((it) => `not found: ${it}`), ...surplus.map((it) => `wrongly found: ${it}`)];
    } finally {
      rmSync(root, { recursive: true });
    }
  };
}

const cTree = {
  "proto/doc.h": "#include \"proto/id.h\"\n#include <stdint.h>\n",
  "proto/id.h": "#include <stdio.h>\n",
  "proto/up.c": "#include \"base/log.h\"\n",
  "server/base/log.h": "#include \"proto/doc.h\"\n",
  "server/obs/metrics.h": "#include \"base/log.h\"\n#include \"proto/doc.h\"\n",
  "server/board/board.c": "#include <uv.h>\n#include \"net/server.h\"\n",
  "server/net/server.h": "#include <uv.h>\n#include <libwebsockets.h>\n#include <lmdb.h>\n",
  "server/session/session.c": "#include \"../board/board.h\"\n",
  "server/store/env.c": "#include <lmdb.h>\n#include <sys/mman.h>\n#include <curl/curl.h>\n",
  "server/main.c": "#include \"net/server.h\"\n#include \"proto/doc.h\"\n#include <signal.h>\n",
  "bench/load/main.c": "#include \"proto/doc.h\"\n#include \"base/log.h\"\n#include \"net/server.h\"\n",
  "server/junk/x.c": "#include \"proto/doc.h\"\n",
};
const cFound = [
  "proto/id.h:1: <stdio.h>",
  "proto/up.c:1: \"base/log.h\": proto may not include server/base",
  "server/obs/metrics.h:2: \"proto/doc.h\": server/obs may not include proto",
  "server/board/board.c:1: <uv.h> belongs to server/net",
  "server/board/board.c:2: \"net/server.h\": server/board may not include server/net",
  "server/net/server.h:3: <lmdb.h> belongs to server/store",
  "server/session/session.c:1: \"../board/board.h\": written from the root",
  "server/store/env.c:3: <curl/curl.h> has no home",
  "bench/load/main.c:3: \"net/server.h\": bench may not include server/net",
  "server/junk/x.c:1: server/junk has no place",
];

const tsTree = {
  "web/src/geom/rect.ts": "import { t } from \"../i18n/text.ts\";\nexport const a = 1;\n",
  "web/src/i18n/text.ts": "export const t = (key: string): string => key;\n",
  "web/src/engine/doc.ts": "import { scene } from \"../state/scene.ts\";\nimport { a } from \"../geom/rect.ts\";\n",
  "web/src/state/scene.ts": "import type { Doc } from \"../engine/doc.ts\";\nexport default 1;\n",
  "web/src/ui/bar.tsx": "// import x from \"../tools/pen.ts\"\nimport { pen } from \"../tools/pen.ts\";\nconst many = [1] as any;\n",
  "web/src/tools/pen.ts": "export * from \"./eraser.ts\";\nexport const says = \"as any export default\";\n",
  "web/src/tools/eraser.ts": "export function erase(what: any, company: string): void {}\n// any one\n",
  "web/src/sync/late.ts": "const ui = await import(\"../ui/bar.tsx\");\n",
  "web/src/stray.ts": "export const x = 1;\n",
  "web/src/render/index.ts": "export { a } from \"../geom/rect.ts\";\n",
  "web/src/main.ts": "import { bar } from \"./ui/bar.tsx\";\nimport \"./state/scene.ts\";\n",
};
const tsFound = [
  "web/src/geom/rect.ts:1: \"../i18n/text.ts\": geom may not import i18n",
  "web/src/engine/doc.ts:1: \"../state/scene.ts\": engine may not import state",
  "web/src/state/scene.ts:2: a default export",
  "web/src/ui/bar.tsx:2: \"../tools/pen.ts\": ui may not import tools",
  "web/src/ui/bar.tsx:3: any",
  "web/src/tools/pen.ts:1: a barrel",
  "web/src/tools/eraser.ts:1: any",
  "web/src/sync/late.ts:1: \"../ui/bar.tsx\": sync may not import ui",
  "web/src/stray.ts: has no place",
  "web/src/render/index.ts: a barrel by its name",
  "web/src/render/index.ts:1: a barrel: export from",
];

export const selfTests = [
  ["planted C includes are found, and only those", planted(checkC, cTree, cFound)],
  [
    "a planted header that needs another is found",
    planted(
      checkHeadersStandAlone,
      { "proto/good.h": "#include <stdint.h>\nuint8_t a(void);\n", "proto/bad.h": "uint8_t b(void);\n" },
      ["proto/bad.h: "],
    ),
  ],
  ["planted TypeScript imports are found, and only those", planted(checkTs, tsTree, tsFound)],
  [
    "a planted long file is found",
    planted(
      checkLength,
      { "proto/long.c": "\n".repeat(601), "proto/short.c": "\n".repeat(600), "web/dist/x.ts": "\n".repeat(900) },
      ["proto/long.c: 601 lines"],
    ),
  ],
];
