// tldraw's sync on 127.0.0.1, storing as its template for a server of one's own does: each push is a transaction of the
// SQLite database before anybody is told. With "wal" the database has a write-ahead log that is not synced at each
// transaction, which the template does not ask for. One room, open as long as the process is.
//
//   node server.mjs PORT FILE [wal]
import { NodeSqliteWrapper, SQLiteSyncStorage, TLSocketRoom } from "@tldraw/sync-core";
import { DatabaseSync } from "node:sqlite";
import { WebSocketServer } from "ws";

const [port, file, journal] = process.argv.slice(2);
const db = new DatabaseSync(file);
if (journal === "wal") db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
const room = new TLSocketRoom({ storage: new SQLiteSyncStorage({ sql: new NodeSqliteWrapper(db) }) });

new WebSocketServer({ port: Number(port), host: "127.0.0.1" }).on("connection", (socket, { url }) => {
  room.handleSocketConnect({ sessionId: new URL(url, "ws://127.0.0.1").searchParams.get("sessionId"), socket });
});
