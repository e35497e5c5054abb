// Somebody watches a talk-track together with others: whoever is on the board and not there yet is asked to come. One
// invitation for each track until it is taken, turned down, or over.

import { effect, untracked } from "@preact/signals";
import { Field } from "../engine/generated.ts";
import type { ObjectId } from "../engine/types.ts";
import type { Invite, Playing } from "../state/playing.ts";
import type { BoardStore } from "../state/types.ts";

export function watchInvites(store: BoardStore, playing: Playing): () => void {
  const answered = new Set<ObjectId>();
  let shown: ObjectId | null = null;

  function offered(): Invite | null {
    const going = new Set<ObjectId>();
    let invite: Invite | null = null;
    for (const person of store.people.peek()) {
      const watching = person.self ? null : (store.presence.get(person.session)?.watching ?? null);
      if (watching === null || !watching.together) continue;
      going.add(watching.track);
      const track = store.scene.objects.get(watching.track)?.fields.get(Field.TRACK);
      if (invite === null && typeof track === "string" && !answered.has(watching.track)) {
        invite = { card: watching.track, track, name: person.name };
      }
    }
    for (const card of answered) if (!going.has(card)) answered.delete(card); // it is over: a new one may ask again
    return invite;
  }

  return effect(() => {
    void [store.presenceVersion.value, store.people.value];
    const { player, invite } = playing;
    const open = player.value;
    const now = invite.value;
    untracked(() => {
      if (shown !== null && now === null) answered.add(shown); // taken, or turned down
      const next = offered();
      const there = next !== null && open?.track.peek().track === next.track;
      if (there) answered.add(next.card); // whoever closes it has been there
      const wanted = there ? null : next;
      shown = wanted?.card ?? null;
      if (wanted?.card !== now?.card) invite.value = wanted;
    });
  });
}
