// Every target: how it is, why it is not, and what watching it costs.

import {h, replace, badge, nodeLink} from './dom.js';
import {instant, on, state} from './data.js';
import {Table} from './list.js';
import {stateOf} from './now.js';
import {ago, duration, number, value} from './format.js';

const asked = {
  refused: 'redstart_node_refused_commands', polls: 'redstart_node_polls_total', connects: 'redstart_node_connects_total',
  failures: 'sum by (instance) (redstart_node_poll_failures_total)', dropped: 'sum by (instance) (redstart_series_dropped_total{instance!="localhost"})',
  received: 'rate(redstart_node_received_bytes_total[5m])', ping: 'rate(redstart_node_ping_seconds_sum[5m]) / rate(redstart_node_ping_seconds_count[5m])',
  share: 'rate(redis_commands_duration_seconds_total{cmd="info"}[5m])', series: 'count by (instance) ({job="redis"})',
};

export function mount(main, context, signal) {
  const summary = h('p', {class: 'muted'});
  const filter = h('input', {type: 'search', placeholder: 'Filter targets', 'aria-label': 'Filter targets', oninput: () => show()});
  const costs = new Map();
  const cost = (node, key) => costs.get(node.instance)?.[key];
  const columns = [
    {name: 'Target', cell: node => nodeLink(node.instance), sort: node => node.instance, className: 'name'},
    {name: 'State', cell: stateOf, sort: node => ({down: 0, unknown: 1, up: 2})[node.state]},
    {name: 'Tried again', cell: node => node.failures ? `${node.retrySeconds > 0.5 ? `in ${duration(Math.round(node.retrySeconds))}` : 'now'}, after ${node.failures} failure${node.failures === 1 ? '' : 's'}` : '–', sort: node => node.failures},
    {name: 'Polled', cell: node => node.polledAt ? ago(node.polledAt) : 'not yet', sort: node => node.polledAt},
    {name: 'Took', numeric: true, cell: node => node.pollSeconds === undefined ? '–' : duration(node.pollSeconds), sort: node => node.pollSeconds},
    {name: 'PING', numeric: true, cell: node => cost(node, 'ping') === undefined ? '–' : duration(cost(node, 'ping')), sort: node => cost(node, 'ping')},
    {name: 'Polls', numeric: true, cell: node => value(cost(node, 'polls')), sort: node => cost(node, 'polls')},
    {name: 'Failed', numeric: true, cell: node => value(cost(node, 'failures') ?? 0), sort: node => cost(node, 'failures') ?? 0},
    {name: 'Connects', numeric: true, cell: node => value(cost(node, 'connects')), sort: node => cost(node, 'connects')},
    {name: 'Refused', numeric: true, cell: node => cost(node, 'refused') > 0 ? badge('warning', number(cost(node, 'refused'))) : value(cost(node, 'refused')), sort: node => cost(node, 'refused')},
    {name: 'Received', numeric: true, cell: node => value(cost(node, 'received'), 'bytes/s'), sort: node => cost(node, 'received')},
    {name: 'INFO there', numeric: true, cell: node => cost(node, 'share') === undefined ? '–' : `${duration(cost(node, 'share'))}/s`, sort: node => cost(node, 'share')},
    {name: 'Series', numeric: true, cell: node => h('span', null, value(cost(node, 'series')), cost(node, 'dropped') > 0 && [' ', badge('warning', `${number(cost(node, 'dropped'))} dropped`)]), sort: node => cost(node, 'series')},
    {name: 'Reason', className: 'wide', cell: node => node.problem ? h('span', {class: 'problem'}, node.problem) : '', sort: node => node.problem},
    {name: 'Labels', cell: node => Object.entries(node.labels ?? {}).map(([name, text]) => h('span', {class: 'label clip', title: text.slice(0, 1000)}, `${name}=${text.slice(0, 200)}`))},
  ];
  const table = new Table(columns, {label: 'Targets', sort: 'State', empty: 'Nothing is watched.', signal});

  function show() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    table.show(state.nodes.filter(node => words.every(word => `${node.instance} ${node.state} ${node.reason ?? ''} ${node.deployment}`.toLowerCase().includes(word))));
    const down = state.nodes.filter(node => node.state === 'down').length;
    summary.textContent = `${state.nodes.length} watched${down ? `, ${down} down` : ', all of them up'}`;
  }

  async function look() {
    await Promise.all(Object.entries(asked).map(async ([key, query]) => {
      for (const {metric: {instance}, value: [, text]} of await instant(query, signal).catch(() => [])) {
        if (instance === undefined) continue;
        if (!costs.has(instance)) costs.set(instance, {});
        costs.get(instance)[key] = Number(text);
      }
    }));
    if (!signal.aborted) show();
  }
  on('nodes', signal, show);
  let last = Date.now();
  on('live', signal, () => { if (Date.now() - last > 15000) { last = Date.now(); look(); } });
  replace(main, h('div', {class: 'lead'}, h('h1', null, 'Targets'), summary), h('section', {class: 'card'}, h('div', {class: 'card-head'}, h('h2', null, 'What is watched'), filter), table.element));
  show();
  look();
}
