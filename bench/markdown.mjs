// What all printed results have in common: tables, rounded numbers, and on what they were measured.
import { execFileSync } from "node:child_process";
import { cpus, release, totalmem } from "node:os";

export function table(head, rows) {
  const width = head.map((_, column) => Math.max(...[head, ...rows].map((row) => String(row[column]).length)));
  const line = (row) => `| ${row.map((cell, column) => String(cell).padStart(width[column])).join(" | ")} |`;
  const rule = `|${width.map((w) => `${"-".repeat(w + 1)}:`).join("|")}|`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

export const whole = (value) => Math.round(value).toLocaleString("en");

/** Nothing where git is missing or refuses another user's checkout: the measurements are worth more than the name. */
function commit() {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return "of an unknown commit";
  }
}

/** "Plenum abc1234, 2026-11-22, release build", and the machine. */
export function what() {
  const [first] = cpus();
  const machine = `${first.model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`;
  return [`Plenum ${commit()}, ${new Date().toISOString().slice(0, 10)}, release build`, machine];
}
