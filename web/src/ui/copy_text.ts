// Putting text on the clipboard, with the old way for pages without a secure context. True when it worked.

/** A text that is still being fetched keeps the press that asked for it alive, in browsers that want one. */
export async function copyText(text: string | Promise<string>): Promise<boolean> {
  try {
    if (typeof text === "string") await navigator.clipboard.writeText(text);
    else await navigator.clipboard.write([new ClipboardItem({ "text/plain": text.then(asBlob) })]);
    return true;
  } catch {
    return copyBySelection(await text);
  }
}

function asBlob(text: string): Blob {
  return new Blob([text], { type: "text/plain" });
}

function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "sr-only";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
