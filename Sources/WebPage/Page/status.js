// The daemon itself: what it takes, what it keeps, what it was told.

import {h, replace, badge, section} from './dom.js';
import {about, bounds, change, get, getPlain, instant, on, overRange} from './data.js';
import {Plot} from './plot.js';
import {Table} from './list.js';
import {ago, duration, moment, number, percent, value} from './format.js';

const own = '{job="redstart"}';

export function mount(main, context, signal) {
  const facts = h('dl', {class: 'figures'});
  const plots = [
    ['CPU of Redstart', `rate(process_cpu_seconds_total${own}[2m])`, 'ratio', ' of a core'],
    ['Memory of Redstart', `process_resident_memory_bytes${own}`, 'bytes', ' resident'],
    ['Samples kept', `redstart_store_samples${own}`, ''],
    ['Requests over HTTP', `sum(rate(redstart_http_responses_total${own}[2m]))`, '/s'],
  ].map(([title, query, unit, note]) => ({query, plot: new Plot({title, unit, height: 120, signal, note: note && h('span', {class: 'muted'}, note)})}));
  const flags = new Table([
    {name: 'Option', cell: row => h('span', {class: 'mono'}, `--${row.name}`), sort: row => row.name},
    {name: 'Value', className: 'wide', cell: row => h('span', {class: 'mono'}, row.text || '–'), sort: row => row.text},
  ], {label: 'Options', sort: 'Option', signal});
  const silences = new Table([
    {name: 'State', cell: row => badge(row.status.state === 'active' ? 'silenced' : 'unknown', row.status.state), sort: row => ({active: 0, pending: 1, expired: 2})[row.status.state]},
    {name: 'Alerts', className: 'wide', cell: row => row.matchers.map(one => h('span', {class: 'label'}, `${one.name}${one.isEqual ? '=' : '!'}${one.isRegex ? '~' : one.isEqual ? '' : '='}"${one.value}"`))},
    {name: 'Until', cell: row => moment(Date.parse(row.endsAt) / 1000), sort: row => row.endsAt},
    {name: 'By', cell: row => row.createdBy, sort: row => row.createdBy},
    {name: 'Why', className: 'wide', cell: row => row.comment, sort: row => row.comment},
    {name: '', cell: row => about.allowsChanges && row.status.state !== 'expired' ? h('button', {type: 'button', onclick: async () => { try { await change('DELETE', `api/redstart/v1/silences/${row.id}`); } catch (error) { problem.textContent = error.message; } lookSilences(); }}, 'End') : null},
  ], {label: 'Silences', sort: 'State', empty: 'Nothing is silenced.', signal});
  const problem = h('p', {class: 'problem', role: 'alert'});

  async function look() {
    const {from, to} = bounds();
    const names = ['process_resident_memory_bytes', 'redstart_store_bytes', 'redstart_store_series', 'redstart_store_samples', 'redstart_http_connections', 'process_open_fds'];
    const [figures] = await Promise.all([instant(`{__name__=~"${names.join('|')}",job="redstart"}`, signal).catch(() => []), ...plots.map(async ({plot, query}) => {
      try {
        const {series, step} = await overRange(query, from, to, {smallest: 15, signal});
        plot.show({series: series.map(one => ({name: plot.options.title, points: one.points})), from, to, step});
      } catch (error) { if (!signal.aborted) plot.show({series: [], from, to, step: 15, error: error.message}); }
    })]);
    const cpu = await instant(`rate(process_cpu_seconds_total${own}[2m])`, signal).catch(() => []);
    if (signal.aborted) return;
    const figure = name => { const one = figures.find(({metric}) => metric.__name__ === name); return one && Number(one.value[1]); };
    const samples = figure('redstart_store_samples');
    const unwell = about.healthParts ?? [];
    const health = !about.health ? '–' : unwell.length === 0 ? badge('ok', 'healthy') : h('a', {href: 'health?format=json', title: unwell.map(part => `${part.name}: ${part.message}`).join('\n')}, badge(about.health === 'unhealthy' ? 'critical' : 'warning', `${about.health}: ${unwell.map(part => part.name).join(', ')}`));
    const rows = [['Health', health], ['Version', about.version ?? '–'], ['Started', about.startedAt ? ago(about.startedAt) : '–'], ['CPU', cpu[0] ? percent(Number(cpu[0].value[1])) : '–'], ['Memory', value(figure('process_resident_memory_bytes'), 'bytes')],
      ['Store', value(figure('redstart_store_bytes'), 'bytes')], ['Series', value(figure('redstart_store_series'))], ['Samples', value(samples)], ['Bytes a sample', samples ? number(figure('redstart_store_bytes') / samples) : '–'],
      ['History', duration(about.history)], ['Polls every', duration(about.pollInterval)], ['Open connections', value(figure('redstart_http_connections'))],
      ['State', about.stateProblem ? badge('warning', about.stateProblem) : about.isPersistent ? badge('ok', 'kept on disk') : badge('info', 'in memory only')], ['Changes here', about.allowsChanges ? 'allowed' : 'not allowed']];
    replace(facts, rows.map(([name, text]) => h('div', null, h('dt', null, name), h('dd', null, text))),
      about.lastNotificationFailure && h('div', null, h('dt', null, 'Last message not delivered'), h('dd', {class: 'problem'}, `${moment(about.lastNotificationFailure.time)}: ${about.lastNotificationFailure.text}`)));
  }

  async function lookSilences() {
    try { silences.show(await getPlain('api/redstart/v1/silences')); } catch { silences.show([]); }
  }

  replace(main, h('h1', null, 'Status'), h('section', {class: 'card'}, facts), h('div', {class: 'grid'}, plots.map(({plot}) => h('div', {class: 'card'}, plot.element))),
    section('Silences', problem, silences.element), section('Options', flags.element),
    section('Elsewhere', h('p', {class: 'row'}, [[about.metricsPath ?? '/metrics', 'Metrics'], ['/api/v1/alerts', 'Alerts as JSON'], ['/api/v1/rules', 'Rules as JSON'], ['/api/redstart/v1/topology', 'Topology as JSON'], ['/sd', 'Service discovery']].map(([path, title]) => h('a', {href: path.replace(/^\//, '')}, title)))));
  get('api/v1/status/flags', null, signal).then(all => flags.show(Object.entries(all).map(([name, text]) => ({name, text})))).catch(() => flags.show([]));
  let last = Date.now();
  on('live', signal, () => { if (Date.now() - last > 15000) { last = Date.now(); look(); } });
  on('range', signal, look);
  on('rangeread', signal, look);
  on('about', signal, look);
  on('alerts', signal, lookSilences);
  look();
  lookSilences();
}
