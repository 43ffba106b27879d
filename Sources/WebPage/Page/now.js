// What is wrong, where, since when.

import {h, replace, badge, nodeLink, section} from './dom.js';
import {about, on, state} from './data.js';
import {AlertList, deploymentOf, isHeartbeat, severityOf} from './alerts.js';
import {Timeline} from './timeline.js';
import {Table} from './list.js';
import {duration, value} from './format.js';

/** `3 nodes`. */
const count = (number, word) => `${number} ${word}${number === 1 ? '' : 's'}`;

/** How a node is, in one word and one sign. */
export function stateOf(node) {
  if (node.state === 'down') return badge('down', node.reason ? `down: ${node.reason}` : 'down');
  if (node.state === 'unknown') return badge('unknown', 'not polled yet');
  if (node.health === 'fail' || node.health === 'pfail') return badge('warning', node.health === 'fail' ? 'failed, says its cluster' : 'suspected');
  if (node.reason) return badge('warning', node.reason);
  return badge('ok', 'up');
}

/** The columns of the list of nodes. */
export const nodeColumns = () => [
  {name: 'Node', cell: node => nodeLink(node.instance), sort: node => node.instance, className: 'name'},
  {name: 'State', cell: stateOf, sort: node => ({down: 0, unknown: 1, up: 2})[node.state] + (node.reason || /fail/.test(node.health) ? 0 : 1)},
  {name: 'Role', cell: node => node.role, sort: node => node.role},
  {name: 'Deployment', cell: node => h('a', {class: 'clip', href: `#/topology/${encodeURIComponent(node.deployment)}`, title: node.deployment.slice(0, 400)}, node.deployment), sort: node => node.deployment},
  {name: 'Memory', numeric: true, cell: node => node.memoryUsed === undefined ? '–' : h('span', {class: 'memory'}, value(node.memoryUsed, 'bytes'),
    node.memoryMax > 0 && h('progress', {max: 1, value: String(Math.min(1, node.memoryUsed / node.memoryMax)), title: `${value(node.memoryUsed / node.memoryMax, 'ratio')} of maxmemory`, 'aria-label': `${value(node.memoryUsed / node.memoryMax, 'ratio')} of maxmemory`})), sort: node => node.memoryUsed},
  {name: 'Commands', numeric: true, cell: node => value(node.operations, '/s'), sort: node => node.operations},
  {name: 'Clients', numeric: true, cell: node => value(node.clients), sort: node => node.clients},
  {name: 'Up for', numeric: true, cell: node => node.uptime === undefined ? '–' : duration(node.uptime), sort: node => node.uptime},
  {name: 'Version', cell: node => `${node.product === 'valkey' ? 'Valkey ' : ''}${node.version || '–'}`, sort: node => node.version},
];

export function mount(main, parameters, signal) {
  const headline = h('h1', {class: 'headline', tabindex: '-1'});
  const strip = h('ul', {class: 'strip', 'aria-label': 'Deployments'});
  const facts = h('p', {class: 'muted facts-line'});
  const alerts = new AlertList(signal);
  const alertSection = h('section', {'aria-label': 'Alerts'}, alerts.element);
  const timeline = new Timeline(signal);
  const search = h('input', {type: 'search', id: 'filter', placeholder: 'Filter nodes', 'aria-label': 'Filter nodes', autocomplete: 'off', oninput: () => showNodes()});
  const table = new Table(nodeColumns(), {label: 'Nodes', sort: 'State', empty: 'No node is watched.', signal});

  function showHeadline() {
    const shown = state.alerts.alerts.filter(alert => !isHeartbeat(alert));
    const heartbeats = state.alerts.alerts.length - shown.length;
    const truncated = state.alerts.firing + state.alerts.pending > state.alerts.alerts.length;
    const firing = truncated ? state.alerts.firing - heartbeats : shown.filter(alert => alert.state === 'firing').length;
    const pending = truncated ? state.alerts.pending : shown.length - firing;
    const down = state.nodes.filter(node => node.state === 'down').length;
    const silenced = shown.filter(alert => alert.silences.length).length;
    const tone = firing ? (shown.some(alert => alert.state === 'firing' && severityOf(alert) === 'critical') ? 'critical' : 'warning') : down || pending ? 'warning' : 'ok';
    const text = !state.loaded ? 'Loading…' : state.nodes.length === 0 ? 'No node is watched'
      : firing ? `${count(firing, 'alert')} firing${pending ? `, ${pending} pending` : ''}`
        : pending ? `${count(pending, 'alert')} pending, none firing` : down ? `No alert; ${count(down, 'node')} down` : 'All is well';
    headline.className = `headline ${tone}`;
    if (headline.textContent !== text) headline.textContent = text;
    const up = state.nodes.filter(node => node.state === 'up').length;
    const places = new Set(shown.filter(alert => alert.state === 'firing').map(deploymentOf));
    replace(facts, [`${up} of ${count(state.nodes.length, 'node')} up`, firing && `in ${[...places].slice(0, 3).map(name => name.slice(0, 60)).join(', ')}${places.size > 3 ? ` and ${places.size - 3} more` : ''}`,
      silenced && `${silenced} silenced`, about.isPersistent === false && 'history lives in memory only', about.stateProblem && `state file: ${about.stateProblem}`].filter(Boolean).join(' · '));
  }

  function showStrip() {
    const deployments = new Map();
    for (const node of state.nodes) {
      const name = node.deployment || node.instance;
      if (!deployments.has(name)) deployments.set(name, {name, nodes: 0, up: 0, roles: {}});
      const one = deployments.get(name);
      one.nodes += 1;
      if (node.state === 'up' && !/fail/.test(node.health)) one.up += 1;
      one.roles[node.role] = (one.roles[node.role] ?? 0) + 1;
    }
    const worst = new Map();
    for (const alert of state.alerts.alerts) {
      if (isHeartbeat(alert) || alert.state !== 'firing') continue;
      const name = deploymentOf(alert);
      if (worst.get(name) !== 'critical') worst.set(name, severityOf(alert));
    }
    const rank = one => one.up < one.nodes ? 0 : worst.has(one.name) ? 1 : 2;
    const all = [...deployments.values()].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
    // Of many only those are shown one by one with which something is the matter.
    const shown = all.length <= 24 ? all : all.filter(one => rank(one) < 2).slice(0, 24);
    const isWell = all.filter(one => rank(one) === 2).length;
    const rest = all.length - shown.length;
    replace(strip, shown.map(one => {
      const tone = one.up === 0 ? 'critical' : one.up < one.nodes ? 'warning' : worst.get(one.name) ?? 'ok';
      const roles = Object.entries(one.roles).filter(([role]) => role !== 'unknown').map(([role, number]) => `${number} ${role}`).join(', ');
      return h('li', null, h('a', {class: `tile ${tone}`, href: `#/topology/${encodeURIComponent(one.name)}`, title: one.name.slice(0, 400)},
        h('span', {class: 'clip'}, one.name), h('span', {class: 'tile-facts'}, badge(tone === 'critical' && one.up === 0 ? 'down' : tone, `${one.up}/${one.nodes} up`), h('span', {class: 'muted clip'}, roles))));
    }), rest > 0 && h('li', null, h('a', {class: `tile ${isWell === rest ? 'ok' : 'warning'}`, href: '#/topology'}, h('span', null, count(rest, shown.length ? 'other deployment' : 'deployment')),
      h('span', {class: 'tile-facts'}, isWell === rest ? badge('ok', 'all well') : badge('warning', `${isWell} of them well`)))));
  }

  function showNodes() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    table.show(state.nodes.filter(node => words.every(word => [node.instance, node.role, node.deployment, node.state, node.reason, node.version].some(text => text?.toLowerCase().includes(word)))));
  }

  const showAlerts = () => { alerts.show(state.alerts); showHeadline(); showStrip(); };
  on('alerts', signal, showAlerts);
  on('about', signal, showAlerts);
  on('loaded', signal, showAlerts);
  on('nodes', signal, () => { showAlerts(); showNodes(); });
  showAlerts();
  showNodes();
  replace(main, h('div', {class: 'lead'}, headline, facts), strip, alertSection, section('What happened', timeline.element),
    h('section', {class: 'card'}, h('div', {class: 'card-head'}, h('h2', null, 'Nodes'), search), table.element));
}
