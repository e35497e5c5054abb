// How wide things are that several parts of the interface reckon with. The style sheets have the same numbers.

/** A window narrower than this is a phone's. */
export const PHONE_PX = 640;
/** What an open panel takes of the right edge. */
export const PANEL_PX = 356;
