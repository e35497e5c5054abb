// Coordinate spaces as types: board units and screen (CSS) pixels never mix by accident.

export interface BoardPoint {
  readonly space?: "board";
  readonly x: number;
  readonly y: number;
}
export interface ScreenPoint {
  readonly space?: "screen";
  readonly x: number;
  readonly y: number;
}
/** In one of the two spaces. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}
export interface BoardRect extends Rect {
  readonly space?: "board";
}
export interface ScreenRect extends Rect {
  readonly space?: "screen";
}
export interface ScreenSize {
  readonly w: number;
  readonly h: number;
}
