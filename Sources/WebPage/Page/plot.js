// Plots on a canvas: lines with gaps, thresholds, a cursor by pointer or keyboard; and heat maps.

import {h, replace, watchWidth, zoom} from './dom.js';
import {clock, moment, number, value} from './format.js';
import {setRange} from './data.js';

const colours = 8;
const dashes = [[], [7, 3], [2, 3], [9, 3, 2, 3]];

// A canvas knows no custom properties, so an element is asked which colour they come to.
const probe = h('span', {hidden: true});
document.body.append(probe);
let resolved = new Map();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { resolved = new Map(); });
addEventListener('theme', () => { resolved = new Map(); });

function style(name) {
  if (!resolved.has(name)) {
    probe.style.setProperty('color', `var(${name})`);
    resolved.set(name, getComputedStyle(probe).color);
  }
  return resolved.get(name);
}

const font = () => `${11 * zoom()}px ${getComputedStyle(document.body).fontFamily}`;

/** Steps between ticks that people like. */
function niceStep(span, count, base = 10) {
  const raw = span / Math.max(1, count);
  const power = base ** Math.floor(Math.log(raw) / Math.log(base));
  const steps = base === 1024 ? [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] : [1, 2, 2.5, 5, 10];
  return power * (steps.find(step => step * power >= raw * 0.999) ?? base);
}

function timeStep(span, count) {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800];
  return steps.find(step => step >= span / Math.max(1, count)) ?? 604800;
}

/** The name of a series: what tells it from the others. */
export function seriesName(metric, without = []) {
  const {__name__, ...labels} = metric;
  const name = without.includes('__name__') ? undefined : __name__;
  const shown = Object.entries(labels).filter(([label]) => !without.includes(label));
  // One label is enough to tell which series it is, and its name is in the query.
  if (!name && shown.length === 1 && without.length && shown[0][1]) return shown[0][1].slice(0, 160);
  const text = shown.map(([label, text]) => `${label}="${text}"`).join(', ');
  const whole = name && text ? `${name}{${text}}` : name ?? (text ? `{${text}}` : 'value');
  return whole.length > 160 ? `${whole.slice(0, 159)}…` : whole;
}

/** The labels that all series have in common, the name too. */
export function commonLabels(series) {
  if (series.length === 0) return [];
  return Object.keys(series[0].metric).filter(label => series.every(one => one.metric[label] === series[0].metric[label]));
}

/**
 * A plot. `options`: title, unit, height, zero (whether the axis begins at 0), small (no axes), signal, empty.
 * `show({series: [{name, points}], from, to, step, thresholds: [{value, name, points}]})` draws.
 */
export class Plot {
  constructor(options = {}) {
    this.options = options;
    this.data = {series: [], from: 0, to: 1, step: 15, thresholds: []};
    this.canvas = h('canvas', {tabindex: options.small ? null : '0', role: 'img', 'aria-label': options.title ?? 'plot',
      onpointermove: event => this.hover(event), onpointerleave: () => this.leave(),
      onpointerdown: event => this.press(event), onpointerup: event => this.release(event),
      onkeydown: event => this.key(event), onblur: () => this.leave()});
    this.tip = h('div', {class: 'tip', hidden: true});
    this.legend = h('ul', {class: 'legend', 'aria-label': 'Lines'});
    this.message = h('p', {class: 'plot-message muted', hidden: true});
    this.element = h('figure', {class: `plot${options.small ? ' small' : ''}`},
      options.title && h('figcaption', null, options.title, options.note),
      h('div', {class: 'canvas-box', vars: {'--height': `${options.height ?? 150}px`}}, this.canvas, this.tip, this.message),
      options.small || options.legend === false ? null : this.legend);
    watchWidth(this.element, options.signal, () => this.draw());
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.draw(), {signal: options.signal});
    addEventListener('theme', () => this.draw(), {signal: options.signal});
  }

  /** Draws these data from now on. */
  show(data) {
    this.data = {thresholds: [], ...data};
    const {series, thresholds} = this.data;
    // A ratio of nothing to nothing is a sample that no plot can show.
    const isThere = one => one.points?.some(point => Number.isFinite(point[1]));
    const hasPoints = series.some(isThere) || thresholds.some(isThere);
    this.message.hidden = hasPoints;
    this.message.textContent = hasPoints ? '' : this.data.error ?? this.options.empty ?? (series.length ? 'No value in this time.' : 'No samples in this time.');
    const shown = series.slice(0, 40);
    const isPlain = series.length === 1 && !thresholds.length && !this.options.names;
    replace(this.legend, isPlain ? [] : [...shown.map((one, index) =>
      h('li', null, this.swatch(index), h('span', {class: 'clip', title: one.name}, one.name), h('b', null, value(one.points.at(-1)?.[1], this.options.unit)))),
    series.length > 40 && h('li', {class: 'muted'}, `and ${series.length - 40} more`),
    ...thresholds.map(limit => h('li', null, h('span', {class: `swatch limit ${limit.severity ?? ''}`, 'aria-hidden': 'true'}), h('span', null, limit.name)))]);
    const last = series.slice(0, 3).map(one => `${one.name}: ${value(one.points.at(-1)?.[1], this.options.unit)}`).join('; ');
    this.canvas.setAttribute('aria-label', `${this.options.title ?? 'Plot'}. ${hasPoints ? `Last values: ${last}.${this.options.small ? '' : ' Arrow keys move the cursor.'}` : this.message.textContent}`);
    this.draw();
  }

  swatch(index) {
    return h('span', {class: `swatch dash-${Math.floor(index / colours) % dashes.length}`, 'aria-hidden': 'true', vars: {'--line': `var(--line-${index % colours})`}});
  }

  get frame() {
    const small = this.options.small;
    const size = zoom();
    return {left: small ? 1 : 60 * size, right: small ? 1 : 8, top: small ? 3 : 8, bottom: small ? 3 : 20 * size};
  }

  scale() {
    const {series, from, to, thresholds} = this.data;
    let low = Infinity, high = -Infinity;
    const take = number => { if (Number.isFinite(number)) { if (number < low) low = number; if (number > high) high = number; } };
    for (const one of series) for (const point of one.points) take(point[1]);
    const span = high - low;
    for (const limit of thresholds) {
      for (const point of limit.points ?? []) take(point[1]);
      // A threshold far away would press the line flat: it is named in the legend then.
      if (limit.value !== undefined && (this.options.small || !(span >= 0) || (limit.value <= high + Math.max(span, Math.abs(high) * 0.5) * 3 && limit.value >= low - Math.max(span, Math.abs(low) * 0.5) * 3))) take(limit.value);
    }
    if (!(low <= high)) { low = 0; high = 1; }
    if (this.options.zero !== false && low > 0) low = 0;
    if (low === high) { high += Math.abs(high) * 0.1 || 1; }
    return {low, high: high + (high - low) * 0.06, from, to};
  }

  draw() {
    const canvas = this.canvas;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (!width || !height) return;
    const ratio = Math.min(3, devicePixelRatio || 1);
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const pen = canvas.getContext('2d');
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    this.picture = undefined;
    const frame = this.frame, scale = this.scale();
    this.place = {width, height, frame, scale, ratio,
      x: time => frame.left + (time - scale.from) / (scale.to - scale.from) * (width - frame.left - frame.right),
      y: amount => height - frame.bottom - (amount - scale.low) / (scale.high - scale.low) * (height - frame.top - frame.bottom)};
    if (!this.options.small) this.drawAxes(pen);
    pen.save();
    pen.beginPath();
    pen.rect(frame.left, 0, width - frame.left - frame.right, height);
    pen.clip();
    this.data.thresholds.forEach(limit => this.drawLimit(pen, limit));
    for (let index = this.data.series.length - 1; index >= 0; index -= 1) this.drawLine(pen, this.data.series[index].points, index);
    pen.restore();
    if (this.cursor !== undefined) this.point();
  }

  /** Draws the cursor, or takes it away: over a copy of the plot, which is not drawn again for each move. */
  point() {
    const pen = this.canvas.getContext('2d');
    if (!this.picture) {
      this.picture = document.createElement('canvas');
      this.picture.width = this.canvas.width;
      this.picture.height = this.canvas.height;
      this.picture.getContext('2d').drawImage(this.canvas, 0, 0);
    } else {
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
      pen.drawImage(this.picture, 0, 0);
      pen.setTransform(this.place.ratio, 0, 0, this.place.ratio, 0, 0);
    }
    if (this.cursor !== undefined) this.drawCursor(pen);
    else this.picture = undefined;
  }

  drawAxes(pen) {
    const {width, height, frame, scale, x, y} = this.place;
    pen.font = font();
    pen.fillStyle = style('--muted');
    pen.strokeStyle = style('--grid');
    pen.lineWidth = 1;
    const isBytes = this.options.unit?.startsWith('bytes');
    const ticks = Math.max(2, height / 45), span = scale.high - scale.low;
    const step = this.options.unit === 'seconds' && span > 120 ? timeStep(span, ticks) : niceStep(span, ticks, isBytes ? 1024 : 10);
    pen.textAlign = 'right';
    pen.textBaseline = 'middle';
    for (let tick = Math.ceil(scale.low / step) * step; tick <= scale.high; tick += step) {
      const at = Math.round(y(tick)) + 0.5;
      pen.beginPath();
      pen.moveTo(frame.left, at);
      pen.lineTo(width - frame.right, at);
      pen.stroke();
      pen.fillText(value(Math.abs(tick) < step / 1e6 ? 0 : Number(tick.toPrecision(12)), this.options.unit), frame.left - 6, at);
    }
    const length = timeStep(scale.to - scale.from, width / 110);
    const offset = new Date(scale.from * 1000).getTimezoneOffset() * 60;
    pen.textBaseline = 'top';
    for (let tick = Math.ceil((scale.from - offset) / length) * length + offset; tick <= scale.to; tick += length) {
      const at = Math.round(x(tick)) + 0.5;
      pen.beginPath();
      pen.moveTo(at, frame.top);
      pen.lineTo(at, height - frame.bottom);
      pen.stroke();
      const text = length >= 86400 ? moment(tick).slice(5, 10) : clock(tick, length < 60);
      pen.textAlign = at > width - frame.right - 22 ? 'right' : at < frame.left + 22 ? 'left' : 'center';
      pen.fillText(text, at, height - frame.bottom + 5);
    }
  }

  drawLimit(pen, limit) {
    const {width, frame, y} = this.place;
    pen.strokeStyle = pen.fillStyle = style(limit.severity === 'critical' ? '--critical' : limit.severity === 'info' ? '--info' : '--warning');
    pen.setLineDash([5, 4]);
    pen.lineWidth = 1.25;
    if (limit.points) return this.stroke(pen, limit.points);
    const at = Math.round(y(limit.value)) + 0.5;
    pen.beginPath();
    pen.moveTo(frame.left, at);
    pen.lineTo(width - frame.right, at);
    pen.stroke();
    pen.setLineDash([]);
  }

  drawLine(pen, points, index) {
    pen.strokeStyle = pen.fillStyle = style(`--line-${index % colours}`);
    pen.setLineDash(dashes[Math.floor(index / colours) % dashes.length]);
    pen.lineWidth = 1.6;
    pen.lineJoin = 'round';
    this.stroke(pen, points);
  }

  /** A line, interrupted where points are missing; of many points in one pixel the lowest and the highest. */
  stroke(pen, points) {
    const {x, y} = this.place;
    const gap = this.data.step * 1.5;
    pen.beginPath();
    let before, column, low, high, last, alone = [];
    let runs = 0;
    const flush = () => { if (column !== undefined && high !== low) { pen.lineTo(column, low); pen.lineTo(column, high); pen.lineTo(column, last); } };
    for (const [time, amount] of points) {
      if (!Number.isFinite(amount)) continue;
      const left = x(time), top = y(amount);
      if (before === undefined || time - before > gap) {
        flush();
        if (runs === 1) alone.push(last, column);
        pen.moveTo(left, top);
        column = left; low = high = last = top; runs = 1;
      } else {
        runs += 1;
        if (left - column < 0.7) { low = Math.min(low, top); high = Math.max(high, top); last = top; } else {
          flush();
          pen.lineTo(left, top);
          column = left; low = high = last = top;
        }
      }
      before = time;
    }
    flush();
    if (runs === 1) alone.push(last, column);
    pen.stroke();
    pen.setLineDash([]);
    // A single point would be a line of no length.
    for (let index = 0; index < alone.length; index += 2) {
      pen.beginPath();
      pen.arc(alone[index + 1], alone[index], 1.8, 0, 7);
      pen.fill();
    }
  }

  drawCursor(pen) {
    const {height, frame, x, y} = this.place;
    const at = Math.round(x(this.cursor)) + 0.5;
    pen.strokeStyle = style('--muted');
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(at, frame.top);
    pen.lineTo(at, height - frame.bottom);
    pen.stroke();
    this.data.series.forEach((one, index) => {
      const point = this.nearest(one.points);
      if (!point) return;
      pen.fillStyle = style(`--line-${index % colours}`);
      pen.beginPath();
      pen.arc(x(point[0]), y(point[1]), 3, 0, 7);
      pen.fill();
    });
    if (this.pressed !== undefined && this.pressed !== this.cursor) {
      pen.fillStyle = style('--selection');
      pen.fillRect(Math.min(x(this.pressed), at), frame.top, Math.abs(x(this.pressed) - at), height - frame.top - frame.bottom);
    }
  }

  /** The point at the cursor, none in a gap. */
  nearest(points) {
    let low = 0, high = points.length - 1;
    if (high < 0) return undefined;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (points[middle][0] < this.cursor) low = middle + 1; else high = middle;
    }
    const after = points[low], before = points[low - 1] ?? after;
    const point = Math.abs(before[0] - this.cursor) < Math.abs(after[0] - this.cursor) ? before : after;
    return Math.abs(point[0] - this.cursor) <= this.data.step ? point : undefined;
  }

  timeAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const {width, frame, scale} = this.place;
    const share = (event.clientX - box.left - frame.left) / (width - frame.left - frame.right);
    return scale.from + Math.max(0, Math.min(1, share)) * (scale.to - scale.from);
  }

  hover(event) {
    if (!this.place) return;
    this.moveTo(this.timeAt(event));
  }

  moveTo(time) {
    this.cursor = time;
    this.point();
    const rows = this.data.series.map((one, index) => ({one, index, point: this.nearest(one.points)})).filter(row => row.point)
      .sort((a, b) => b.point[1] - a.point[1]).slice(0, 12);
    replace(this.tip, h('time', null, moment(rows[0]?.point[0] ?? time)),
      rows.length ? rows.map(({one, index, point}) => h('div', null, this.swatch(index), h('span', {class: 'clip'}, one.name), h('b', null, value(point[1], this.options.unit)))) : h('div', {class: 'muted'}, 'no sample'),
      this.data.thresholds.filter(limit => limit.value !== undefined).map(limit => h('div', {class: 'muted'}, limit.name)));
    this.tip.hidden = false;
    const {width, x} = this.place;
    const at = x(time);
    this.tip.style.setProperty('--left', `${Math.max(0, Math.min(width - this.tip.offsetWidth, at > width / 2 ? at - this.tip.offsetWidth - 10 : at + 10))}px`);
  }

  leave() {
    if (this.cursor === undefined) return;
    this.cursor = this.pressed = undefined;
    this.tip.hidden = true;
    this.point();
  }

  press(event) {
    if (this.options.small || event.button !== 0) return;
    this.pressed = this.timeAt(event);
    this.canvas.setPointerCapture(event.pointerId);
  }

  release(event) {
    if (this.pressed === undefined) return;
    const [from, to] = [this.pressed, this.timeAt(event)].sort((a, b) => a - b);
    this.pressed = undefined;
    if (to - from > (this.data.to - this.data.from) / 50 && to - from >= 2) setRange({from, to});
    else this.draw();
  }

  key(event) {
    if (!this.place) return;
    const {scale} = this.place;
    const step = event.shiftKey ? (scale.to - scale.from) / 10 : this.data.step;
    const start = this.cursor ?? scale.to;
    const next = {ArrowLeft: start - step, ArrowRight: start + step, Home: scale.from, End: scale.to}[event.key];
    if (event.key === 'Escape') this.leave();
    if (next === undefined) return;
    event.preventDefault();
    this.moveTo(Math.max(scale.from, Math.min(scale.to, next)));
    document.getElementById('announcer').textContent = this.tip.innerText;
  }
}

/** A heat map of a histogram over time: `show({columns: [{time, counts: []}], bounds: [], step, from, to})`. */
export class HeatMap {
  constructor(options) {
    this.options = options;
    this.canvas = h('canvas', {role: 'img', tabindex: '0', 'aria-label': options.title,
      onpointermove: event => this.hover(event), onpointerleave: () => { this.tip.hidden = true; }});
    this.tip = h('div', {class: 'tip', hidden: true});
    this.message = h('p', {class: 'plot-message muted', hidden: true});
    this.element = h('figure', {class: 'plot'}, h('figcaption', null, options.title),
      h('div', {class: 'canvas-box', vars: {'--height': `${options.height ?? 220}px`}}, this.canvas, this.tip, this.message));
    watchWidth(this.element, options.signal, () => this.draw());
    addEventListener('theme', () => this.draw(), {signal: options.signal});
  }

  show(data) {
    this.data = data;
    this.message.hidden = data.columns.length > 0;
    this.message.textContent = data.error ?? 'No samples in this time.';
    const total = data.columns.at(-1)?.counts ?? [];
    const top = total.indexOf(Math.max(...total));
    this.canvas.setAttribute('aria-label', `${this.options.title}. ${total.length && total[top] > 0 ? `Lately most commands took up to ${value(data.bounds[top], 'seconds')}.` : ''}`);
    this.draw();
  }

  draw() {
    const canvas = this.canvas, data = this.data;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (!width || !height || !data) return;
    const ratio = Math.min(3, devicePixelRatio || 1);
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const pen = canvas.getContext('2d');
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const left = 58, bottom = 20, top = 4, right = 8;
    const rows = data.bounds.length;
    const x = time => left + (time - data.from) / (data.to - data.from) * (width - left - right);
    const tall = (height - top - bottom) / Math.max(1, rows);
    const most = Math.max(...data.columns.flatMap(column => column.counts), 1e-9);
    this.place = {left, bottom, top, right, tall, width, height, most};
    pen.fillStyle = style('--heat');
    for (const column of data.columns) {
      const start = x(column.time - data.step), wide = Math.max(1, x(column.time) - start + 0.5);
      column.counts.forEach((count, row) => {
        if (!(count > 0)) return;
        pen.globalAlpha = 0.06 + 0.94 * Math.log1p(count / most * 1e5) / Math.log1p(1e5);
        pen.fillRect(Math.max(left, start), height - bottom - (row + 1) * tall, wide, tall + 0.5);
      });
    }
    pen.globalAlpha = 1;
    pen.fillStyle = style('--muted');
    pen.font = font();
    pen.textAlign = 'right';
    pen.textBaseline = 'middle';
    const every = Math.ceil(rows / Math.max(1, Math.floor((height - bottom) / 22)));
    data.bounds.forEach((bound, row) => { if (row % every === 0) pen.fillText(bound === Infinity ? 'more' : value(bound, 'seconds'), left - 6, height - bottom - (row + 0.5) * tall); });
    pen.textBaseline = 'top';
    pen.textAlign = 'center';
    const length = timeStep(data.to - data.from, width / 110);
    for (let tick = Math.ceil(data.from / length) * length; tick <= data.to; tick += length) {
      if (x(tick) > left + 20 && x(tick) < width - 25) pen.fillText(clock(tick, length < 60), x(tick), height - bottom + 5);
    }
  }

  hover(event) {
    if (!this.place || !this.data?.columns.length) return;
    const box = this.canvas.getBoundingClientRect();
    const {left, right, bottom, tall, width, height} = this.place;
    const time = this.data.from + (event.clientX - box.left - left) / (width - left - right) * (this.data.to - this.data.from);
    const row = Math.floor((height - bottom - (event.clientY - box.top)) / tall);
    const column = this.data.columns.find(one => one.time >= time && one.time - this.data.step <= time);
    if (!column || row < 0 || row >= this.data.bounds.length) { this.tip.hidden = true; return; }
    const low = row ? value(this.data.bounds[row - 1], 'seconds') : '0';
    replace(this.tip, h('time', null, moment(column.time)), h('div', null, `${low} to ${this.data.bounds[row] === Infinity ? 'any time' : value(this.data.bounds[row], 'seconds')}`), h('div', null, h('b', null, `${number(column.counts[row] ?? 0)} commands/s`)));
    this.tip.hidden = false;
    const at = event.clientX - box.left;
    this.tip.style.setProperty('--left', `${Math.max(0, Math.min(width - this.tip.offsetWidth, at > width / 2 ? at - this.tip.offsetWidth - 10 : at + 10))}px`);
  }
}
