// A retrospective with some sixty objects in English and Chinese: what the pictures show, as plain data for
// `__plenum.make`. Frames come first, their content names them by index.

import { Kind } from "./harness.mjs";

const Field = { POS: "1", SIZE: "2", COLOR: "4", SHAPE: "7", STROKE: "10", ALIGN: "12", FONT: "13" };
const SIDE = 140;
const GAP = 20;
const COLUMNS = 3;
const FRAME = { w: COLUMNS * SIDE + (COLUMNS + 1) * GAP, h: 4 * SIDE + 5 * GAP };

const lanes = [
  {
    title: "Went well · 做得好",
    color: 1,
    notes: [
      "Pairing on the importer paid off",
      "新成员第一周就提交了代码",
      "Zero rollbacks this sprint",
      "Stand-ups under ten minutes",
      "客户演示非常顺利",
      "Design and dev in one room",
      "自动化测试覆盖率达到 82%",
      "Release notes written as we went",
      "The new search is fast!",
      "大家互相帮忙，氛围很好",
      "On-call was quiet 🎉",
      "Thank you, Marta, for the diagrams",
    ],
  },
  {
    title: "To improve · 待改进",
    color: 5,
    notes: [
      "Reviews wait more than a day",
      "需求变更没有及时同步",
      "Flaky upload test, again",
      "Too many meetings on Tuesday",
      "测试环境经常不可用",
      "We guess what support needs",
      "Estimates ignore holidays",
      "文档落后于代码",
      "Alerts nobody reads",
      "Handover to nights is thin",
      "上线窗口太短",
      "Staging data is from 2023",
    ],
  },
  {
    title: "Ideas · 想法",
    color: 2,
    notes: [
      "Rotate a review captain",
      "每周五留半天还技术债",
      "Record a five minute walkthrough of each epic",
      "One page per decision",
      "邀请客服参加回顾会",
      "Delete one alert a week",
      "No-meeting Wednesday",
      "结对编程轮换表",
      "Demo with real data",
      "Try the new board for planning",
      "新人导师计划",
      "Time-box spikes to a day",
    ],
  },
  {
    title: "Actions · 行动项",
    color: 0,
    notes: [
      "Ana: review captain starts Monday",
      "李伟：周三前修复测试环境",
      "Tom: quarantine flaky tests",
      "小梅：更新上手文档",
      "All: move Tuesday sync to email",
      "Priya: support joins the next retro",
      "下次回顾：两周后，周四 15:00",
      "Jo: write the incident one-pager",
      "王芳：整理告警清单",
    ],
  },
];

const votes = [
  [1, 0, "+5"],
  [1, 4, "+3"],
  [2, 1, "+4"],
];

function notePosition(lane, index) {
  const left = lane * (FRAME.w + 60);
  return [left + GAP + (index % COLUMNS) * (SIDE + GAP), GAP + Math.floor(index / COLUMNS) * (SIDE + GAP)];
}

export function boardOfSixty() {
  const objects = lanes.map(({ title }, lane) => ({
    kind: Kind.FRAME,
    fields: { [Field.POS]: [lane * (FRAME.w + 60), 0], [Field.SIZE]: [FRAME.w, FRAME.h], [Field.COLOR]: 6 },
    text: title,
    parent: null,
  }));
  for (const [lane, { notes, color }] of lanes.entries()) {
    for (const [i, text] of notes.entries()) {
      objects.push({
        kind: Kind.STICKY,
        fields: { [Field.POS]: notePosition(lane, i), [Field.SIZE]: [SIDE, SIDE], [Field.COLOR]: (i + lane) % 5 === 4 ? 3 : color },
        text,
        parent: lane,
      });
    }
  }
  for (const [lane, index, text] of votes) {
    const [x, y] = notePosition(lane, index);
    objects.push({
      kind: Kind.SHAPE,
      fields: { [Field.POS]: [x + SIDE - 30, y - 14], [Field.SIZE]: [46, 46], [Field.COLOR]: 3, [Field.SHAPE]: 2, [Field.STROKE]: 3 },
      text,
      parent: lane,
    });
  }
  const heading = (x, y, w, size, text) => ({
    kind: Kind.TEXT,
    fields: { [Field.POS]: [x, y], [Field.SIZE]: [w, size * 1.4], [Field.COLOR]: 8, [Field.FONT]: size, [Field.ALIGN]: 1 },
    text,
    parent: null,
  });
  objects.push(heading(0, -190, 1100, 64, "Sprint 24 retrospective · 冲刺回顾"));
  objects.push(heading(0, -96, 1100, 28, "Ten minutes to write, then we group and vote. 先写十分钟，再归类投票。"));
  const right = 3 * (FRAME.w + 60);
  const step = (i, shape, color, text) => ({
    kind: Kind.SHAPE,
    fields: { [Field.POS]: [right - 600 + i * 300, -190], [Field.SIZE]: [240, 110], [Field.COLOR]: color, [Field.SHAPE]: shape, [Field.STROKE]: color },
    text,
    parent: null,
  });
  objects.push(step(0, 1, 2, "Write\n书写"), step(1, 1, 3, "Group\n归类"), step(2, 2, 4, "Vote\n投票"), step(3, 1, 1, "Act\n行动"));
  return objects;
}
