// Friendly names for guests who have not chosen one, and the colour each person keeps. Both are pure: randomness is
// passed in, and a person's hue follows from their guest number, so that everyone sees the same colour, unless somebody
// here has it already.

/** How many colours the people palette has. */
export const HUES = 12;

const WORDS = {
  en: {
    first: ["Quiet", "Bright", "Gentle", "Curious", "Brave", "Calm", "Nimble", "Sunny", "Clever", "Merry", "Kind", "Swift"],
    second: ["Otter", "Heron", "Fox", "Maple", "Badger", "Comet", "Finch", "Willow", "Lynx", "Harbour", "Robin", "Cedar"],
    joined: " ",
  },
  zh: {
    first: ["安静的", "明亮的", "温柔的", "好奇的", "勇敢的", "从容的", "灵巧的", "晴朗的", "聪明的", "快乐的", "友善的", "轻快的"],
    second: ["水獭", "白鹭", "狐狸", "枫叶", "小熊", "彗星", "燕雀", "柳树", "山猫", "海湾", "知更鸟", "雪松"],
    joined: "",
  },
} as const;

export function friendlyName(language: "en" | "zh", random: number): string {
  const { first, second, joined } = WORDS[language];
  const a = random % first.length;
  const b = Math.floor(random / first.length) % second.length;
  return `${first[a]}${joined}${second[b]}`;
}

/** The colour of a guest: the same number always gives the same one. */
export function hueOf(user: number): number {
  // Two rounds of a multiplicative hash; guest numbers may exceed 32 bits, so both halves go in.
  let mixed = Math.imul(user >>> 0 || 0, 0x9e3779b1) ^ Math.imul(Math.floor(user / 0x1_0000_0000) >>> 0, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return (mixed >>> 8) % HUES;
}

/** Another's colour is avoided while there is a free one, so that the people in one room look different. */
export function hueAmong(user: number, taken: ReadonlySet<number>): number {
  const own = hueOf(user);
  // 5 and 12 have no common divisor: every colour is tried, neighbours late.
  for (let i = 0; i < HUES; i++) {
    const hue = (own + i * 5) % HUES;
    if (!taken.has(hue)) return hue;
  }
  return own;
}
