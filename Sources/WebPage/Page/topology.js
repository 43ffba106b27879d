// Deployments as graphs: who follows whom and how far behind, what Sentinels believe, which shard has which slots.

import {h, svg, replace, badge, nodeLink, section, zoom} from './dom.js';
import {get, instant, on} from './data.js';
import {Timeline} from './timeline.js';
import {Table} from './list.js';
import {bytes, duration} from './format.js';

/** How far a replica is behind, in words. */
function lagText(link) {
  if (link.state === 'down') return `link down${link.lagSeconds ? `, ${duration(link.lagSeconds)} behind` : ''}`;
  if (link.state === 'syncing') return 'full resync';
  if (link.lagSeconds === null && link.lagBytes === null) return 'lag not known';
  if (!link.lagBytes && !link.lagSeconds) return 'in step';
  return [link.lagSeconds === null ? null : duration(Math.round(link.lagSeconds * 10) / 10), link.lagBytes === null ? null : bytes(link.lagBytes)].filter(Boolean).join(', ');
}

const isBad = node => node.health === 'down' || node.health === 'fail';
const healthText = {down: '✕ down', fail: '✕ failed', pfail: '◆ suspected', unwatched: '◌ not watched', ok: ''};

/** A node as a box. */
function box(node, x, y, width, note) {
  const name = node.instance.length > 26 ? `${node.instance.slice(0, 25)}…` : node.instance;
  return svg('a', {href: `#/node/${encodeURIComponent(node.instance)}`, 'aria-label': `${node.role} ${node.instance.slice(0, 200)}${healthText[node.health] ? `, ${healthText[node.health].slice(2)}` : ''}`},
    svg('title', null, node.instance.slice(0, 400)),
    svg('rect', {x, y, width, height: 46, rx: 8, class: `box ${node.role} ${isBad(node) ? 'bad' : ''}`}),
    svg('text', {x: x + 10, y: y + 19, class: 'strong'}, name),
    svg('text', {x: x + 10, y: y + 36, class: healthText[node.health] ? (isBad(node) ? 'badtext' : 'strong') : 'small'}, [healthText[node.health], note ?? `${node.role}${node.version ? ` ${node.version}` : ''}`].filter(Boolean).join(' · ')));
}


/** Masters on the left, each step of replication one column further right. */
function replicationGraph(nodes, links, beliefs) {
  const byName = new Map(nodes.map(node => [node.instance, node]));
  const children = new Map();
  const linkOf = new Map();
  for (const link of links) {
    if (!byName.has(link.replica)) continue;
    linkOf.set(link.replica, link);
    if (byName.has(link.master)) children.set(link.master, [...(children.get(link.master) ?? []), link.replica]);
  }
  const data = nodes.filter(node => node.role !== 'sentinel');
  const roots = data.filter(node => !byName.has(linkOf.get(node.instance)?.master));
  const seen = new Set();
  const width = 206, gapX = 150, rowHeight = 62;
  const places = new Map();
  let row = 0, depthMost = 0;
  const lay = (name, depth) => {
    if (seen.has(name)) return;
    seen.add(name);
    const own = row;
    depthMost = Math.max(depthMost, depth);
    const below = (children.get(name) ?? []).filter(child => !seen.has(child)).sort();
    if (below.length === 0) row += 1;
    for (const child of below) lay(child, depth + 1);
    places.set(name, {x: 2 + depth * (width + gapX), y: 4 + own * rowHeight});
  };
  for (const root of roots.sort((a, b) => (a.role === 'master' ? 0 : 1) - (b.role === 'master' ? 0 : 1))) lay(root.instance, 0);
  // What is left follows itself in a circle.
  for (const node of data) lay(node.instance, 0);
  const sentinelX = 2 + (depthMost + 1) * (width + gapX);
  beliefs.forEach((belief, index) => places.set(`sentinel ${belief.node.instance}`, {x: sentinelX - gapX + 40, y: 4 + index * rowHeight}));
  const height = Math.max(row, beliefs.length, 1) * rowHeight - 8;
  const whole = sentinelX - gapX + (beliefs.length ? 40 + width + 40 : 4);
  const edges = links.filter(link => places.has(link.replica) && places.has(link.master)).map(link => {
    const from = places.get(link.master), to = places.get(link.replica);
    const text = lagText(link);
    const bad = link.state === 'down' || link.lagSeconds > 10;
    if (to.x <= from.x) return svg('g', null, svg('path', {d: `M${from.x} ${from.y + 30}C${from.x - 40} ${from.y + 40} ${to.x - 40} ${to.y + 10} ${to.x} ${to.y + 20}`, class: `edge ${link.state}`}));
    const startX = from.x + width, startY = from.y + 23, endX = to.x, endY = to.y + 23;
    return svg('g', null, svg('path', {d: `M${startX} ${startY}C${startX + gapX / 3} ${startY} ${startX + 12} ${endY} ${startX + gapX / 3} ${endY}H${endX - 7}`, class: `edge ${link.state}`}),
      svg('path', {d: `M${endX - 8} ${endY - 4}l7 4-7 4z`, class: 'edge'}),
      svg('text', {x: startX + gapX / 3 + 4, y: endY - 6, class: `lag small ${bad ? 'bad' : ''}`}, `${bad ? '◆ ' : ''}${text.length > 20 ? text.slice(0, 20) : text}`));
  });
  return h('div', {class: 'graph', tabindex: '0', role: 'group', 'aria-label': 'Who follows whom'}, svg('svg', {width: whole * zoom(), height: height * zoom(), viewBox: `0 0 ${whole} ${height}`},
    edges, data.map(node => { const {x, y} = places.get(node.instance); return box(node, x, y, width); }),
    beliefs.map(belief => { const {x, y} = places.get(`sentinel ${belief.node.instance}`); return box(belief.node, x, y, width, `says ${belief.master}${belief.status && belief.status !== 'ok' ? `, ${belief.status}` : ''}`); })));
}

/** `0-5460 10923` as pairs. */
const slotRanges = text => (text ?? '').split(' ').filter(Boolean).map(part => part.split('-').map(Number)).map(([first, last = first]) => [first, last]);

/** Which slots belong to which shard, as a bar of all 16,384. */
function slotMap(masters) {
  const rects = masters.flatMap((master, index) => slotRanges(master.slots).map(([first, last]) => {
    const width = (last - first + 1) / 16384 * 1000, x = first / 16384 * 1000;
    return svg('g', {vars: {'--line': `var(--line-${index % 8})`}}, svg('title', null, `slots ${first} to ${last}: ${master.instance}`),
      svg('rect', {x, y: 0, width, height: 30, fill: 'var(--line)', 'fill-opacity': '.85'}));
  }));
  return svg('svg', {class: 'slots', viewBox: '0 0 1000 30', preserveAspectRatio: 'none', role: 'img', 'aria-label': `Map of the 16384 slots over ${masters.length} masters; slots that nobody serves are marked`},
    svg('rect', {x: 0, y: 0, width: 1000, height: 30, class: 'free'}), rects);
}

/** The shards of a cluster, a row each. */
function shards(nodes, links) {
  const byShard = new Map();
  for (const node of nodes) byShard.set(node.shard || node.instance, [...(byShard.get(node.shard || node.instance) ?? []), node]);
  const linkOf = new Map(links.map(link => [link.replica, link]));
  const rows = [...byShard].map(([shard, members]) => ({shard, master: members.find(node => node.role === 'master' && node.slotCount > 0) ?? members.find(node => node.role === 'master') ?? members[0], members}))
    .sort((a, b) => (slotRanges(a.master.slots)[0]?.[0] ?? 1e9) - (slotRanges(b.master.slots)[0]?.[0] ?? 1e9));
  return {rows, masters: rows.map(row => row.master), linkOf};
}

const health = node => node.health === 'ok' ? badge('ok', 'up') : badge(isBad(node) ? 'down' : node.health === 'pfail' ? 'warning' : 'unknown', healthText[node.health].slice(2));

/** What changes while one looks: made once, filled again and again. */
class DeploymentView {
  constructor(name, signal) {
    this.title = h('h2');
    this.body = h('div');
    this.problems = h('ul', {class: 'problems'});
    this.element = h('section', {class: 'card deployment', 'data-deployment': name.slice(0, 200)}, this.title, this.body, this.problems);
    this.signal = signal;
  }

  show(deployment, nodes, links, disagreements, beliefs) {
    replace(this.title, h('span', {class: 'clip', title: deployment.name.slice(0, 400)}, deployment.name), h('span', {class: 'muted'}, ` ${deployment.kind} · ${deployment.nodes} node${deployment.nodes === 1 ? '' : 's'}`));
    if (deployment.kind === 'cluster') this.showCluster(deployment, nodes, links);
    else if (nodes.length > 60) this.showList(nodes, links);
    else if (deployment.kind === 'sentinel') this.showSentinels(nodes, beliefs);
    else { this.table = undefined; replace(this.body, replicationGraph(nodes, links, beliefs)); }
    replace(this.problems, disagreements.slice(0, 50).map(one => h('li', null, badge('warning', one.kind.replaceAll('_', ' ')), ' ', one.message)));
  }

  showSentinels(nodes, beliefs) {
    this.keepTable([
      {name: 'Sentinel', cell: node => nodeLink(node.instance), sort: node => node.instance},
      {name: 'State', cell: health, sort: node => node.health === 'ok' ? 1 : 0},
      {name: 'Believes', className: 'wide', cell: node => beliefs.filter(belief => belief.node.instance === node.instance).map(belief => h('div', null, h('b', null, belief.name), ` is at ${belief.master}`, belief.status !== 'ok' && [' ', badge('warning', belief.status)]))},
    ], 'Sentinels', 'Sentinel').show(nodes);
  }

  showList(nodes, links) {
    const linkOf = new Map(links.map(link => [link.replica, link]));
    this.keepTable([
      {name: 'Node', cell: node => nodeLink(node.instance), sort: node => node.instance},
      {name: 'Role', cell: node => node.role, sort: node => node.role},
      {name: 'State', cell: health, sort: node => node.health === 'ok' ? 1 : 0},
      {name: 'Follows', cell: node => linkOf.has(node.instance) ? nodeLink(linkOf.get(node.instance).master) : '–', sort: node => linkOf.get(node.instance)?.master},
      {name: 'Lag', cell: node => linkOf.has(node.instance) ? lagText(linkOf.get(node.instance)) : '–', sort: node => linkOf.get(node.instance)?.lagSeconds},
    ], 'Nodes', 'State').show(nodes);
  }

  keepTable(columns, label, sort) {
    if (!this.table) { this.table = new Table(columns, {label, sort, signal: this.signal}); replace(this.body, this.table.element); }
    else this.table.columns.forEach((column, index) => Object.assign(column, columns[index]));
    return this.table;
  }

  showCluster(deployment, nodes, links) {
    const {rows, masters, linkOf} = shards(nodes, links);
    const columns = [
      {name: 'Shard', cell: row => h('span', {class: 'row'}, h('span', {class: 'swatch', 'aria-hidden': 'true', vars: {'--line': `var(--line-${masters.indexOf(row.master) % 8})`}}), String(masters.indexOf(row.master) + 1)), sort: row => masters.indexOf(row.master)},
      {name: 'Master', cell: row => h('span', null, nodeLink(row.master.instance), ' ', health(row.master)), sort: row => row.master.instance},
      {name: 'Slots', cell: row => h('span', {title: row.master.slots}, `${row.master.slotCount ?? 0}: ${(row.master.slots ?? '').slice(0, 40) || 'none'}`), sort: row => row.master.slotCount},
      {name: 'Moving', cell: row => [row.master.migrating && `${row.master.migrating} leave`, row.master.importing && `${row.master.importing} come`].filter(Boolean).join(', ') || '–', sort: row => row.master.migrating},
      {name: 'Replicas', className: 'wide', cell: row => row.members.filter(node => node !== row.master).map(node => h('span', {class: 'row'}, nodeLink(node.instance), health(node), linkOf.has(node.instance) && h('span', {class: 'muted'}, lagText(linkOf.get(node.instance))))), sort: row => row.members.length},
    ];
    if (!this.table) {
      this.map = h('div');
      this.uncovered = h('p', {class: 'muted'});
      this.table = new Table(columns, {label: 'Shards', sort: 'Shard', signal: this.signal});
      replace(this.body, this.map, this.uncovered, this.table.element);
    } else this.table.columns.forEach((column, index) => Object.assign(column, columns[index]));
    replace(this.map, slotMap(masters));
    replace(this.uncovered, deployment.slotsUncovered ? badge('critical', `${deployment.slotsUncovered} slots are served by nobody`) : 'All 16,384 slots are served.');
    this.table.show(rows);
  }
}

export function mount(main, {place}, signal) {
  const chooser = h('div', {class: 'chooser'});
  const list = h('div', {class: 'alerts'});
  const message = h('p', {class: 'muted', role: 'status'}, 'Loading…');
  const timeline = new Timeline(signal, {filter: item => !place || item.deployment === place, limit: 30});
  const views = new Map();
  let topology, sentinelSeries = [], running = false, again = false, lastLook = 0;

  async function look() {
    if (running) { again = true; return; }
    running = true;
    try {
      // An address has room for 16 KB, encoded: of a name that is longer than people write, all are asked for.
      const asked = place && place.length < 1000 ? {deployment: place} : {};
      [topology, sentinelSeries] = await Promise.all([get('api/redstart/v1/topology', asked, signal), instant('redis_sentinel_master_status', signal)]);
      show();
    } catch (error) {
      if (signal.aborted) return;
      message.hidden = false;
      message.textContent = error.message;
    } finally {
      running = false;
      lastLook = Date.now();
      if (again) { again = false; setTimeout(look, 300); }
    }
  }

  /** What Sentinels say of one of these nodes, or of any. */
  function beliefsOf(nodes) {
    const names = nodes && new Set(nodes.map(node => node.instance));
    return sentinelSeries.filter(one => !names || names.has(one.metric.master_address)).map(one => ({
      name: one.metric.master_name ?? '', node: {instance: one.metric.instance, role: 'sentinel', health: 'ok'}, master: one.metric.master_address ?? '?', status: one.metric.master_status}))
      .sort((a, b) => (a.node.instance < b.node.instance ? -1 : 1));
  }

  function show() {
    const kinds = {cluster: 0, replication: 1, sentinel: 2, standalone: 3};
    const deployments = topology.deployments.filter(one => !place || one.name === place).sort((a, b) => (b.disagreements > 0) - (a.disagreements > 0) || kinds[a.kind] - kinds[b.kind] || (a.name < b.name ? -1 : 1));
    const by = (items, name) => items.reduce((map, item) => map.set(name(item), [...(map.get(name(item)) ?? []), item]), new Map());
    const nodesOf = new Map();
    for (const node of topology.nodes) { if (!nodesOf.has(node.deployment)) nodesOf.set(node.deployment, []); nodesOf.get(node.deployment).push(node); }
    const deploymentOf = new Map(topology.nodes.map(node => [node.instance, node.deployment]));
    const linksOf = by(topology.links, link => deploymentOf.get(link.replica));
    const problemsOf = by(topology.disagreements, one => one.deployment);
    message.hidden = deployments.length > 0;
    message.textContent = place ? 'There is no deployment of that name.' : 'No node is watched.';
    // Of very many only the first are drawn; the others are a click away.
    const drawn = deployments.slice(0, 12);
    replace(chooser, place && h('a', {href: '#/topology'}, '← All deployments'), deployments.length > 12 && deployments.slice(0, 300).map(one => h('a', {class: 'label', href: `#/topology/${encodeURIComponent(one.name)}`}, one.name.slice(0, 80), one.disagreements > 0 && ' ◆')),
      deployments.length > 300 && h('span', {class: 'muted'}, `and ${deployments.length - 300} more`));
    for (const one of drawn) {
      if (!views.has(one.name)) views.set(one.name, new DeploymentView(one.name, signal));
      views.get(one.name).show(one, nodesOf.get(one.name) ?? [], linksOf.get(one.name) ?? [], problemsOf.get(one.name) ?? [], beliefsOf(one.kind === 'sentinel' ? undefined : nodesOf.get(one.name) ?? []));
    }
    const wanted = drawn.map(one => views.get(one.name).element);
    if (wanted.some((element, index) => list.children[index] !== element) || list.children.length !== wanted.length) list.replaceChildren(...wanted);
  }

  on('live', signal, event => {
    // An event at once, the lag every few seconds.
    if (event.events?.length || Date.now() - lastLook > (topology?.nodes.length > 200 ? 5000 : 2000)) look();
  });
  replace(main, h('h1', null, 'Topology'), chooser, message, list, section('What happened', timeline.element));
  look();
}
