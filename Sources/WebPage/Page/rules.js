// Every rule with its last result and what it took.

import {h, replace, badge} from './dom.js';
import {get, on} from './data.js';
import {Table} from './list.js';
import {markdown} from './alerts.js';
import {ago, duration, value, unitOfQuery} from './format.js';

const rank = {firing: 0, pending: 1, inactive: 2};

function stateBadge(rule) {
  if (rule.health === 'err') return badge('critical', 'cannot be evaluated');
  if (rule.type === 'recording') return badge(rule.health === 'ok' ? 'ok' : 'unknown', rule.health === 'ok' ? 'recorded' : 'not evaluated yet');
  if (rule.state === 'firing') return badge(rule.labels?.severity === 'critical' ? 'critical' : rule.labels?.severity === 'none' ? 'info' : 'warning', `firing (${rule.alerts.length})`);
  if (rule.state === 'pending') return badge('pending', `pending (${rule.alerts.length})`);
  return badge(rule.health === 'ok' ? 'ok' : 'unknown', rule.health === 'ok' ? 'quiet' : 'not evaluated yet');
}

export function mount(main, context, signal) {
  const filter = h('input', {type: 'search', placeholder: 'Filter rules', 'aria-label': 'Filter rules', oninput: () => show()});
  const summary = h('p', {class: 'muted'});
  const detail = h('section', {class: 'card', hidden: true, 'aria-label': 'Rule', tabindex: '-1'});
  let rules = [];
  const table = new Table([
    {name: 'State', cell: stateBadge, sort: rule => rule.health === 'err' ? -1 : rank[rule.state] ?? 3},
    {name: 'Rule', cell: rule => h('button', {type: 'button', class: 'sort mono', 'data-key': rule.name, onclick: () => open(rule)}, rule.name), sort: rule => rule.name, className: 'name'},
    {name: 'Severity', cell: rule => rule.labels?.severity ?? '–', sort: rule => rule.labels?.severity},
    {name: 'Last value', numeric: true, cell: rule => rule.alerts?.length ? value(Number(rule.alerts[0].value), unitOfQuery(rule.query.replace(/[<>=!]=?.*$/s, ''))) : '–', sort: rule => rule.alerts?.length ? Number(rule.alerts[0].value) : undefined},
    {name: 'For', numeric: true, cell: rule => rule.duration ? duration(rule.duration) : '–', sort: rule => rule.duration},
    {name: 'Took', numeric: true, cell: rule => duration(rule.evaluationTime), sort: rule => rule.evaluationTime},
    {name: 'Evaluated', cell: rule => rule.lastEvaluation.startsWith('0001') ? 'not yet' : ago(Date.parse(rule.lastEvaluation) / 1000), sort: rule => rule.lastEvaluation},
    {name: 'Group', cell: rule => h('span', {title: rule.file}, rule.group), sort: rule => rule.group},
    {name: 'Expression', className: 'expression', cell: rule => h('a', {class: 'mono clip', href: `#/explore?q=${encodeURIComponent(rule.query)}`}, rule.query.replace(/\s+/g, ' '))},
  ], {label: 'Rules', sort: 'State', empty: 'There is no rule of that kind.', signal});

  async function open(rule) {
    const place = /\/runbooks\/(\w+)$/.exec(rule.annotations?.runbook_url ?? '')?.[1];
    const book = h('div', {class: 'runbook'});
    detail.hidden = false;
    replace(detail, h('div', {class: 'card-head'}, h('h2', null, rule.name), h('button', {type: 'button', onclick: () => { detail.hidden = true; }}, 'Close')),
      h('pre', null, rule.query.trim()), rule.lastError && h('p', {class: 'problem'}, rule.lastError),
      Object.entries(rule.annotations ?? {}).filter(([name]) => name !== 'runbook_url').map(([name, text]) => h('p', null, h('span', {class: 'muted'}, `${name}: `), text)), place && book);
    detail.focus();
    detail.scrollIntoView({block: 'nearest'});
    if (!place) return;
    const response = await fetch(`runbooks/${place}`, {signal}).catch(() => undefined);
    if (response?.ok) replace(book, markdown(await response.text()));
  }

  function show() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    table.show(rules.filter(rule => words.every(word => `${rule.name} ${rule.group} ${rule.state} ${rule.labels?.severity} ${rule.query}`.toLowerCase().includes(word))));
    const failing = rules.filter(rule => rule.health === 'err').length;
    summary.textContent = `${rules.length} rules, ${rules.filter(rule => rule.state === 'firing').length} firing, ${rules.filter(rule => rule.state === 'pending').length} pending${failing ? `, ${failing} cannot be evaluated` : ''}`;
  }

  async function look() {
    try {
      const {groups} = await get('api/v1/rules', null, signal);
      rules = groups.flatMap(group => group.rules.map(rule => ({...rule, group: group.name, file: group.file})));
      show();
    } catch (error) { if (!signal.aborted) summary.textContent = error.message; }
  }
  replace(main, h('div', {class: 'lead'}, h('h1', null, 'Rules'), summary), detail, h('section', {class: 'card'}, h('div', {class: 'card-head'}, h('h2', null, 'All rules'), filter), table.element));
  let last = 0;
  on('alerts', signal, () => { last = Date.now(); look(); });
  on('live', signal, () => { if (Date.now() - last > 15000) { last = Date.now(); look(); } });
  look();
}
