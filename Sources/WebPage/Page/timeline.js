// What happened, over the time range: marks in lanes that one can drag over, and the same as a list.

import {h, svg, replace, watchWidth, nodeLink, zoom} from './dom.js';
import {bounds, get, on, setRange, state} from './data.js';
import {clock, moment} from './format.js';

/** The lanes, each with the shape of its marks. */
const lanes = [
  {name: 'Alerts', shape: 'diamond', has: item => item.lane === 'alert'},
  {name: 'Failovers', shape: 'triangle', has: item => /failover|switch-master|odown/.test(item.kind)},
  {name: 'Nodes', shape: 'square', has: item => /^node_|sdown|reboot|restart/.test(item.kind)},
  {name: 'Config', shape: 'bar', has: item => item.kind.startsWith('configuration_')},
  {name: 'Roles', shape: 'circle', has: item => /role|slave|sentinel|subscribed|disagreement|config|tilt|epoch|vote|leader/.test(item.kind)},
];
/** The last lane has what no other takes. */
const laneOf = item => { const index = lanes.findIndex(lane => lane.has(item)); return index < 0 ? lanes.length - 1 : index; };

const bad = /down|reload_failed|failover_aborted|disagreement_began|unsubscribed|firing|forgotten/;
const good = /node_up|completed|disagreement_ended|resolved|switch-master|^subscribed|-sdown|-odown/;
const toneOf = item => good.test(item.kind) ? 'ok' : bad.test(item.kind) ? 'critical' : 'info';

function shape(kind, x, y, tone) {
  const paths = {
    diamond: `M${x} ${y - 5}l5 5-5 5-5-5z`, triangle: `M${x} ${y - 5}l5.500 9h-11z`, square: `M${x - 4} ${y - 4}h8v8h-8z`,
    bar: `M${x - 2} ${y - 6}h4v12h-4z`, circle: `M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0-8 0z`,
  };
  return svg('path', {d: paths[kind], class: `mark ${tone}`});
}

/** The timeline; `filter` says which items belong to it. */
export class Timeline {
  constructor(signal, {filter = () => true, limit = 60} = {}) {
    this.filter = filter;
    this.limit = limit;
    this.journal = [];
    this.drawing = svg('svg', {class: 'timeline', role: 'img', 'aria-label': 'What happened, by time. Drag to choose a time range.'});
    this.list = h('ol', {class: 'events'});
    this.more = h('p', {class: 'muted'});
    this.box = h('div', {class: 'timeline-box', onpointerdown: event => this.press(event), onpointermove: event => this.drag(event), onpointerup: event => this.release(event)}, this.drawing);
    this.element = h('div', null, this.box, this.list, this.more);
    watchWidth(this.box, signal, width => { this.width = width; this.draw(); });
    on('events', signal, () => this.draw());
    on('range', signal, () => this.load());
    on('rangeread', signal, () => this.load());
    let stamp = '';
    on('alerts', signal, alerts => {
      const next = JSON.stringify(alerts.alerts.map(alert => [alert.labels, alert.state]));
      if (next !== stamp) { stamp = next; this.load(); }
    });
    const timer = setInterval(() => this.draw(), 5000);
    signal.addEventListener('abort', () => clearInterval(timer));
    this.signal = signal;
    this.load();
  }

  async load() {
    const {from, to} = bounds();
    try {
      const data = await get('api/redstart/v1/journal', {since: from.toFixed(0), until: (to + 60).toFixed(0), limit: 500}, this.signal);
      this.journal = data.entries.filter(entry => entry.labels.severity !== 'none' && entry.alert !== 'Watchdog').map(entry => ({
        lane: 'alert', kind: entry.state, time: Date.parse(entry.time) / 1000, instance: entry.labels.instance ?? '', deployment: entry.labels.deployment ?? '',
        text: `${entry.alert} ${entry.state}${entry.annotations.summary ? `: ${entry.annotations.summary}` : ''}`}));
    } catch { /* The connection says it. */ }
    this.draw();
  }

  /** All that happened in the range, newest first. */
  get items() {
    const {from, to} = bounds();
    return [...state.events, ...this.journal].filter(item => item.time >= from && item.time <= to + 1 && this.filter(item)).sort((a, b) => b.time - a.time);
  }

  draw() {
    const items = this.items;
    const {from, to} = bounds();
    const size = zoom(), width = (this.width ?? 600) / size, left = 74, right = 12, lane = 22, top = 4;
    const height = top + lanes.length * lane + 22;
    const x = time => left + (time - from) / (to - from) * (width - left - right);
    this.scale = {from, to, left, right, width, size};
    this.drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.drawing.setAttribute('height', height * size);
    const ticks = [];
    const span = to - from;
    const step = [1, 5, 10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400].find(one => one >= span / (width / 110)) ?? 86400;
    for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) ticks.push(svg('line', {x1: x(tick), x2: x(tick), y1: top, y2: height - 18, class: 'grid'}), svg('text', {x: x(tick), y: height - 5, class: 'tick'}, clock(tick, step < 60)));
    replace(this.drawing, ticks, lanes.map((one, index) => [
      svg('text', {x: 0, y: top + index * lane + lane / 2 + 4, class: 'lane'}, one.name),
      svg('line', {x1: left, x2: width - right, y1: top + index * lane + lane / 2, y2: top + index * lane + lane / 2, class: 'grid'}),
    ]), items.slice(0, 400).reverse().map(item => { const index = laneOf(item); return shape(lanes[index].shape, x(item.time), top + index * lane + lane / 2, toneOf(item)); }),
    this.selection && svg('rect', {x: Math.min(...this.selection), y: 0, width: Math.abs(this.selection[1] - this.selection[0]), height: height - 18, class: 'selection'}));
    const shown = items.slice(0, this.limit);
    const stamp = shown.map(item => `${item.time}${item.kind}`).join();
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    replace(this.list, shown.map(item => h('li', {class: toneOf(item)}, h('time', {title: moment(item.time)}, clock(item.time)), h('span', {class: 'kind'}, item.kind.replaceAll('_', ' ')),
      h('span', {class: 'what'}, item.text.length > 300 ? `${item.text.slice(0, 299)}…` : item.text, item.instance && state.nodeOf.has(item.instance) ? [' ', nodeLink(item.instance, {class: 'mono go', 'aria-label': `Node ${item.instance.slice(0, 100)}`})] : null))));
    this.more.textContent = items.length === 0 ? 'Nothing happened in this time.' : items.length > shown.length ? `and ${items.length - shown.length} more; choose a shorter time.` : '';
  }

  position(event) {
    const {left, right, width, size} = this.scale;
    return Math.max(left, Math.min(width - right, (event.clientX - this.box.getBoundingClientRect().left) / size));
  }

  press(event) {
    if (event.button !== 0 || !this.scale) return;
    this.box.setPointerCapture(event.pointerId);
    this.selection = [this.position(event), this.position(event)];
  }

  drag(event) {
    if (!this.selection) return;
    this.selection[1] = this.position(event);
    this.draw();
  }

  release() {
    if (!this.selection) return;
    const {from, to, left, right, width} = this.scale;
    const [start, end] = [...this.selection].sort((a, b) => a - b).map(at => from + (at - left) / (width - left - right) * (to - from));
    this.selection = undefined;
    if (end - start >= 2) setRange({from: start, to: end}); else this.draw();
  }
}
