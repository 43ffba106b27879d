// One node: what it says, grouped and explained, over time, and against its peers.

import {h, replace, badge, section, nodeLink} from './dom.js';
import {about, bounds, get, instant, metadata, on, overRange, state} from './data.js';
import {AlertList} from './alerts.js';
import {HeatMap, Plot, seriesName, commonLabels} from './plot.js';
import {Timeline} from './timeline.js';
import {Table} from './list.js';
import {stateOf} from './now.js';
import {ago, duration, moment, number, percent, unitOf, unitOfQuery, value} from './format.js';

const tabs = [['', 'Overview'], ['commands', 'Commands'], ['slowlog', 'Slow log'], ['clients', 'Clients'], ['keyspace', 'Keyspace'], ['configuration', 'Configuration'], ['thresholds', 'Thresholds'], ['everything', 'Everything it says']];

/** A text within a query. */
const quoted = text => JSON.stringify(text).replace(/[\u007f-\uffff]/g, character => character);

/** The figures that matter; `$` is the selector of the node. */
const figures = [
  {title: 'Commands', unit: '/s', query: 'rate(redis_commands_processed_total$[RANGE])'},
  {title: 'Memory', unit: 'bytes', lines: [['used', 'redis_memory_used_bytes$'], ['resident', 'redis_memory_used_rss_bytes$'], ['maxmemory', 'redis_memory_max_bytes$ > 0']]},
  {title: 'Hit rate', unit: 'ratio', query: 'rate(redis_keyspace_hits_total$[RANGE]) / (rate(redis_keyspace_hits_total$[RANGE]) + rate(redis_keyspace_misses_total$[RANGE]))'},
  {title: 'Time a command takes', unit: 'seconds', query: 'sum(rate(redis_commands_duration_seconds_total$[RANGE])) / sum(rate(redis_commands_total$[RANGE]))', note: ' on average'},
  {title: 'Clients', lines: [['connected', 'redis_connected_clients$'], ['blocked', 'redis_blocked_clients$']]},
  {title: 'Main thread', unit: 'ratio', query: 'rate(redis_cpu_user_main_thread_seconds_total$[RANGE]) + rate(redis_cpu_sys_main_thread_seconds_total$[RANGE])', note: ' of a core'},
  {title: 'Network', unit: 'bytes/s', lines: [['in', 'rate(redis_net_input_bytes_total$[RANGE])'], ['out', 'rate(redis_net_output_bytes_total$[RANGE])']]},
  {title: 'Keys that go', unit: '/s', lines: [['expired', 'rate(redis_expired_keys_total$[RANGE])'], ['evicted', 'rate(redis_evicted_keys_total$[RANGE])']]},
  {title: 'Replication lag', unit: 'seconds', query: 'redis_replication_lag_seconds$', optional: true},
  {title: 'Answer to PING', unit: 'seconds', query: 'rate(redstart_node_ping_seconds_sum$[RANGE]) / rate(redstart_node_ping_seconds_count$[RANGE])', note: ' on average'},
];

const groups = [
  ['Server', /^redis_(up|uptime|start_time|process_id|instance_info|server|configured_hz|hz|os|loading|module|io_thread|async)/],
  ['Memory', /^redis_(mem|memory|allocator|rss|active_defrag|defrag|lazyfree|current_active_defrag|total_system|evict)/],
  ['Clients', /^redis_(client|connected_client|blocked|max_clients|tracking|connections|rejected|maxclients|pubsub)/],
  ['Commands', /^redis_(command|errors|total_error|unexpected|slowlog|latency|last_slow|latencies|acl|scripts|number_of)/],
  ['Replication', /^redis_(master|slave|repl|replica|connected_slave|second_repl|min_slaves|sync)|^redis_replication/],
  ['Persistence', /^redis_(rdb|aof|latest_fork|fork|forks|current_(cow|save|fork)|rewrite)/],
  ['Keyspace', /^redis_(db|keyspace|expire|expired|keys|key_|evicted)/],
  ['CPU', /^redis_cpu/],
  ['Network', /^redis_(net|instantaneous|total_reads|total_writes|reply|io_threaded)/],
  ['Cluster and Sentinel', /^redis_(cluster|sentinel|migrate)/],
  ['Configuration', /^redis_config/],
  ['What Redstart does there', /^(redstart|redis_exporter|redis_last_key)/],
];
const groupOf = name => groups.find(([, pattern]) => pattern.test(name))?.[0] ?? 'Other';

/** A window for rates that holds several polls. */
const windowOf = step => `${Math.max(60, Math.ceil(about.pollInterval * 4), Math.ceil(step * 2))}s`;

/** Draws a plot of one or several queries of a node, again and again. */
class Figure {
  constructor(figure, selector, signal) {
    this.figure = figure;
    this.selector = selector;
    this.signal = signal;
    this.plot = new Plot({title: figure.title, note: figure.note && h('span', {class: 'muted'}, figure.note), unit: figure.unit, height: figure.height ?? 130, signal, names: Boolean(figure.lines)});
    this.element = h('div', {class: 'card'}, this.plot.element);
    this.thresholds = figure.thresholds ?? [];
  }

  async refresh() {
    const {from, to} = bounds();
    const points = 200, step = Math.max(1, (to - from) / points);
    const text = query => query.replaceAll('$', this.selector).replaceAll('RANGE', windowOf(step));
    try {
      const asked = this.figure.lines ?? [[undefined, this.figure.query]];
      const answers = await Promise.all(asked.map(([, query]) => overRange(text(query), from, to, {points, signal: this.signal})));
      const series = answers.flatMap((answer, index) => {
        const common = commonLabels(answer.series);
        return answer.series.sort((a, b) => (b.points.at(-1)?.[1] ?? 0) - (a.points.at(-1)?.[1] ?? 0)).map(one => ({name: answer.series.length > 1 ? seriesName(one.metric, [...common, 'instance', 'job']) : asked[index][0] ?? this.figure.title, points: one.points}));
      });
      if (this.figure.optional) this.element.hidden = series.length === 0;
      this.plot.show({series, from, to, step: answers[0].step, thresholds: this.thresholds});
    } catch (error) {
      if (error.name !== 'AbortError') this.plot.show({series: [], from, to, step, error: error.message});
    }
  }
}

/** The plot of what rules compare, with their thresholds, one plot for an expression that several rules have. */
function thresholdFigures(thresholds, signal) {
  const byQuery = new Map();
  for (const {alert, severity, plot} of thresholds) {
    if (plot.threshold === undefined || plot.threshold === null) continue;
    const unit = unitOfQuery(plot.query);
    if (!byQuery.has(plot.query)) byQuery.set(plot.query, {title: '', unit, query: plot.query, height: 110, thresholds: []});
    const figure = byQuery.get(plot.query);
    figure.title = figure.title ? `${figure.title}, ${alert}` : alert;
    figure.thresholds.push({value: plot.threshold, severity, name: `${alert} ${plot.operator} ${value(plot.threshold, unit)}`});
  }
  return [...byQuery.values()].map(figure => new Figure(figure, '', signal));
}

/** The texts of expressions without spaces and without what narrows them, to see which are the same. */
const bare = text => text.replace(/\s+/g, '').replace(/[{,]instance="(?:[^"\\]|\\.)*"/g, match => (match.startsWith('{') ? '{' : '')).replaceAll('{}', '');

export function mount(main, {place: instance, parameters}, signal) {
  const selector = `{instance=${quoted(instance)}}`;
  const tab = tabs.some(([name]) => name === parameters.get('tab')) ? parameters.get('tab') ?? '' : '';
  const status = h('p', {class: 'row'});
  const body = h('div', {class: 'alerts'});
  const link = name => `#/node/${encodeURIComponent(instance)}${name ? `?tab=${name}` : ''}`;
  replace(main, h('div', {class: 'lead'}, h('h1', {class: 'clip', title: instance.slice(0, 400)}, instance), status),
    h('nav', {class: 'tabs', 'aria-label': 'Parts of the node'}, tabs.map(([name, title]) => h('a', {href: link(name), 'aria-current': name === tab ? 'page' : null}, title))), body);

  function showStatus() {
    const node = state.nodeOf.get(instance);
    replace(status, node ? [stateOf(node), h('span', null, node.role), node.deployment && h('a', {href: `#/topology/${encodeURIComponent(node.deployment)}`, class: 'clip'}, node.deployment),
      h('span', {class: 'muted'}, [node.version && `${node.product === 'valkey' ? 'Valkey' : 'Redis'} ${node.version}`, node.uptime !== undefined && `up for ${duration(node.uptime)}`, node.polledAt && `polled ${ago(node.polledAt)}`].filter(Boolean).join(' · ')),
      node.problem && h('span', {class: 'problem'}, node.problem)] : state.loaded ? h('span', {class: 'muted'}, 'This node is not watched now; what is known of it is shown.') : null);
  }
  on('nodes', signal, showStatus);
  showStatus();

  const parts = {'': overview, commands, slowlog, clients, keyspace, configuration, thresholds: thresholdsTab, everything};
  const refresh = parts[tab](body, instance, selector, signal);
  let last = Date.now(), running = false;
  const again = async () => { if (running) return; running = true; last = Date.now(); try { await refresh?.(); } finally { running = false; } };
  again();
  on('range', signal, again);
  on('rangeread', signal, again);
  on('live', signal, message => {
    const {from, to} = bounds();
    if (message.polls[instance] !== undefined && Date.now() - last > Math.max(2000, (to - from) / 300 * 1000)) again();
  });
}

function overview(body, instance, selector, signal) {
  const alerts = new AlertList(signal, alert => alert.labels.instance === instance);
  const show = () => alerts.show(state.alerts);
  on('alerts', signal, show);
  show();
  const drawn = figures.map(figure => new Figure({...figure}, selector, signal));
  const heat = new HeatMap({title: 'How long commands take', signal});
  replace(body, alerts.element, h('div', {class: 'grid'}, drawn.map(figure => figure.element)), h('div', {class: 'card'}, heat.element),
    section('What happened', new Timeline(signal, {filter: item => item.instance === instance, limit: 30}).element));
  // The thresholds of rules belong into the plots of the same expression.
  get('api/redstart/v1/thresholds', {instance}, signal).then(({thresholds}) => {
    for (const figure of drawn) {
      for (const [, query] of figure.figure.lines ?? [[undefined, figure.figure.query]]) {
        const own = bare(query.replaceAll('$', '')).replaceAll('[RANGE]', '');
        for (const {alert, severity, plot} of thresholds) {
          if (plot.threshold === undefined || bare(plot.query).replace(/\[\w+\]/g, '') !== own) continue;
          figure.thresholds.push({value: plot.threshold, severity, name: `${alert} ${plot.operator} ${value(plot.threshold, figure.figure.unit)}`});
        }
      }
    }
    // Memory is drawn in bytes, and its rules are shares of maxmemory.
    const memory = drawn.find(figure => figure.figure.title === 'Memory');
    const shares = thresholds.filter(({plot}) => /^redis_memory_used_bytes\S* \/ \(redis_memory_max_bytes/.test(plot.query) && plot.threshold);
    const max = state.nodeOf.get(instance)?.memoryMax;
    if (max > 0) for (const {alert, severity, plot} of shares) memory.thresholds.push({value: plot.threshold * max, severity, name: `${alert} ${plot.operator} ${percent(plot.threshold)} of maxmemory`});
    drawn.filter(figure => figure.thresholds.length).forEach(figure => figure.refresh());
  }).catch(() => { /* Without thresholds then. */ });
  return () => Promise.all([...drawn.map(figure => figure.refresh()), heatMap(heat, selector, signal)]);
}

/** Counts per second of all commands by how long they took. */
async function heatMap(heat, selector, signal) {
  const {from, to} = bounds();
  const step = Math.max(about.pollInterval, Math.ceil((to - from) / 120));
  try {
    const {series, step: used} = await overRange(`sum by (le) (rate(redis_commands_latencies_usec_bucket${selector}[${windowOf(step)}]))`, from, to, {points: 120, smallest: step, signal});
    const rows = series.map(one => ({bound: Number(one.metric.le === '+Inf' ? Infinity : one.metric.le) / 1e6, points: new Map(one.points)})).sort((a, b) => a.bound - b.bound);
    const times = [...new Set(series.flatMap(one => one.points.map(([time]) => time)))].sort((a, b) => a - b);
    const columns = times.map(time => {
      let below = 0;
      return {time, counts: rows.map(row => { const sum = row.points.get(time) ?? below; const own = Math.max(0, sum - below); below = Math.max(below, sum); return own; })};
    });
    // Rows that are empty at all times say nothing.
    const used_ = rows.map((_, index) => columns.some(column => column.counts[index] > 1e-9));
    const first = used_.indexOf(true), last = used_.lastIndexOf(true);
    heat.show(first < 0 ? {columns: [], bounds: [], step: used, from, to, error: 'No histogram of commands in this time (Redis 7 or newer has one).'}
      : {columns: columns.map(column => ({time: column.time, counts: column.counts.slice(first, last + 1)})), bounds: rows.slice(first, last + 1).map(row => row.bound), step: used, from, to});
  } catch (error) { if (error.name !== 'AbortError') heat.show({columns: [], bounds: [], step, from, to, error: error.message}); }
}

function commands(body, instance, selector, signal) {
  const byCount = new Figure({title: 'Commands by number', unit: '/s', query: 'topk(6, sum by (cmd) (rate(redis_commands_total$[RANGE])))', height: 180}, selector, signal);
  const byTime = new Figure({title: 'Commands by time', unit: 'ratio', note: ' of a core', query: 'topk(6, sum by (cmd) (rate(redis_commands_duration_seconds_total$[RANGE])))', height: 180}, selector, signal);
  const heat = new HeatMap({title: 'How long commands take', signal});
  const table = new Table([
    {name: 'Command', cell: row => h('span', {class: 'mono'}, row.cmd), sort: row => row.cmd},
    {name: 'Calls', numeric: true, cell: row => value(row.rate, '/s'), sort: row => row.rate},
    {name: 'Calls in all', numeric: true, cell: row => number(row.calls), sort: row => row.calls},
    {name: 'Time', numeric: true, cell: row => row.share === undefined ? '–' : percent(row.share), sort: row => row.share},
    {name: 'Each', numeric: true, cell: row => row.rate > 0 ? duration(row.share / row.rate) : row.calls > 0 ? duration(row.time / row.calls) : '–', sort: row => row.time / row.calls},
    {name: 'Rejected', numeric: true, cell: row => number(row.rejected ?? 0), sort: row => row.rejected},
    {name: 'Failed', numeric: true, cell: row => number(row.failed ?? 0), sort: row => row.failed},
  ], {label: 'Commands', sort: 'Time', descending: true, empty: 'No command was called.', signal});
  replace(body, h('div', {class: 'grid'}, byCount.element, byTime.element), h('div', {class: 'card'}, heat.element), section('Commands of the last minutes', table.element));
  return async () => {
    const rows = new Map();
    const take = (key, result) => result.forEach(one => { const cmd = one.metric.cmd ?? ''; if (!rows.has(cmd)) rows.set(cmd, {cmd}); rows.get(cmd)[key] = Number(one.value[1]); });
    const window = windowOf(60);
    const asked = {rate: `sum by (cmd) (rate(redis_commands_total${selector}[${window}]))`, calls: `sum by (cmd) (redis_commands_total${selector})`, share: `sum by (cmd) (rate(redis_commands_duration_seconds_total${selector}[${window}]))`,
      time: `sum by (cmd) (redis_commands_duration_seconds_total${selector})`, rejected: `sum by (cmd) (redis_commands_rejected_calls_total${selector})`, failed: `sum by (cmd) (redis_commands_failed_calls_total${selector})`};
    await Promise.all([byCount.refresh(), byTime.refresh(), heatMap(heat, selector, signal), ...Object.entries(asked).map(async ([key, query]) => { try { take(key, await instant(query, signal)); } catch { /* Other columns are there. */ } })]);
    if (!signal.aborted) table.show([...rows.values()]);
  };
}

function slowlog(body, instance, selector, signal) {
  const byCommand = new Table([
    {name: 'Command', cell: row => h('span', {class: 'mono'}, row.cmd), sort: row => row.cmd},
    {name: 'Entries', numeric: true, cell: row => String(row.count), sort: row => row.count},
    {name: 'Longest', numeric: true, cell: row => duration(row.longest), sort: row => row.longest},
    {name: 'In all', numeric: true, cell: row => duration(row.total), sort: row => row.total},
    {name: 'Last', cell: row => ago(row.last), sort: row => row.last},
  ], {label: 'Slow log by command', sort: 'In all', descending: true, empty: 'The slow log is empty.', signal});
  const entries = new Table([
    {name: 'Time', cell: row => moment(row.at), sort: row => row.at},
    {name: 'Took', numeric: true, cell: row => row.durationSeconds === undefined ? value(row.bytes, 'bytes') : duration(row.durationSeconds), sort: row => row.durationSeconds ?? row.bytes},
    {name: 'Log', cell: row => row.log, sort: row => row.log},
    {name: 'Command', className: 'wide', cell: row => h('span', {class: 'mono'}, row.arguments ? row.arguments.join(' ').slice(0, 500) : row.cmd, !row.arguments && row.argumentCount > 1 && h('span', {class: 'muted'}, ` with ${row.argumentCount - 1} argument${row.argumentCount === 2 ? '' : 's'}`)), sort: row => row.cmd},
    {name: 'Client', cell: row => [row.clientName, row.clientAddress].filter(Boolean).join(' '), sort: row => row.clientName + row.clientAddress},
  ], {label: 'Entries of the slow log', sort: 'Time', descending: true, empty: 'The slow log is empty.', signal});
  const note = h('p', {class: 'muted'});
  replace(body, section('By command', byCommand.element), section('By entry', note, entries.element));
  return async () => {
    const data = await get('api/redstart/v1/slowlog', {instance, limit: 500}, signal).catch(() => ({entries: []}));
    if (signal.aborted) return;
    const rows = data.entries.map(entry => ({...entry, at: Date.parse(entry.time) / 1000}));
    const commands = new Map();
    for (const row of rows.filter(row => row.log === 'slow')) {
      const one = commands.get(row.cmd) ?? {cmd: row.cmd, count: 0, longest: 0, total: 0, last: 0};
      one.count += 1;
      one.longest = Math.max(one.longest, row.durationSeconds);
      one.total += row.durationSeconds;
      one.last = Math.max(one.last, row.at);
      commands.set(row.cmd, one);
    }
    note.textContent = rows.some(row => row.arguments) || rows.length === 0 ? '' : 'Arguments are keys and values, so they are shown only with --slowlog-arguments.';
    byCommand.show([...commands.values()]);
    entries.show(rows);
  };
}

function clients(body, instance, selector, signal) {
  const plot = new Figure({title: 'Clients', lines: [['connected', 'redis_connected_clients$'], ['blocked', 'redis_blocked_clients$'], ['limit', 'redis_max_clients$']], height: 180}, selector, signal);
  const arrivals = new Figure({title: 'Connections', unit: '/s', lines: [['received', 'rate(redis_connections_received_total$[RANGE])'], ['rejected', 'rate(redis_rejected_connections_total$[RANGE])']], height: 180}, selector, signal);
  const note = h('p', {class: 'muted'});
  const table = new Table([
    {name: 'Name', cell: row => row.name || h('span', {class: 'muted'}, 'without a name'), sort: row => row.name},
    {name: 'Address', cell: row => h('span', {class: 'mono'}, row.host), sort: row => row.host},
    {name: 'Library', cell: row => row.library || '–', sort: row => row.library},
    {name: 'Clients', numeric: true, cell: row => number(row.clients), sort: row => row.clients},
    {name: 'Memory', numeric: true, cell: row => value(row.memory, 'bytes'), sort: row => row.memory},
    {name: 'Longest idle', numeric: true, cell: row => row.idle === undefined ? '–' : duration(row.idle), sort: row => row.idle},
  ], {label: 'Clients by name and address', sort: 'Clients', descending: true, empty: 'Not known.', signal});
  replace(body, h('div', {class: 'grid'}, plot.element, arrivals.element), section('By name and address', note, table.element));
  return async () => {
    const rows = new Map();
    const ask = async (key, metric) => {
      const result = await instant(`${metric}${selector}`, signal).catch(() => []);
      for (const {metric: {name = '', library = '', host = ''}, value: [, text]} of result) {
        const place = `${name} ${library} ${host}`;
        if (!rows.has(place)) rows.set(place, {name, library, host});
        rows.get(place)[key] = Number(text);
      }
    };
    await Promise.all([plot.refresh(), arrivals.refresh(), ask('clients', 'redis_client_group_clients'), ask('memory', 'redis_client_group_memory_bytes'), ask('idle', 'redis_client_group_longest_idle_seconds')]);
    if (signal.aborted) return;
    note.textContent = rows.size ? '' : 'Redstart asks for single clients only with --client-groups.';
    table.show([...rows.values()]);
  };
}

function keyspace(body, instance, selector, signal) {
  const keys = new Figure({title: 'Keys', query: 'redis_db_keys$ > 0', height: 180}, selector, signal);
  const expiring = new Figure({title: 'Keys that go', unit: '/s', lines: figures.find(one => one.title === 'Keys that go').lines, height: 180}, selector, signal);
  const table = new Table([
    {name: 'Database', cell: row => row.db, sort: row => row.db},
    {name: 'Keys', numeric: true, cell: row => number(row.keys), sort: row => row.keys},
    {name: 'With an end', numeric: true, cell: row => `${number(row.expiring ?? 0)}${row.keys > 0 ? ` (${percent((row.expiring ?? 0) / row.keys)})` : ''}`, sort: row => row.expiring},
    {name: 'Average time to live', numeric: true, cell: row => row.ttl > 0 ? duration(row.ttl) : '–', sort: row => row.ttl},
  ], {label: 'Databases', sort: 'Keys', descending: true, empty: 'No database holds a key.', signal});
  replace(body, h('div', {class: 'grid'}, keys.element, expiring.element), section('Databases', table.element));
  return async () => {
    const rows = new Map();
    const ask = async (key, metric) => { for (const one of await instant(`${metric}${selector}`, signal).catch(() => [])) { const {db} = one.metric; if (!rows.has(db)) rows.set(db, {db}); rows.get(db)[key] = Number(one.value[1]); } };
    await Promise.all([keys.refresh(), expiring.refresh(), ask('keys', 'redis_db_keys'), ask('expiring', 'redis_db_keys_expiring'), ask('ttl', 'redis_db_avg_ttl_seconds')]);
    if (!signal.aborted) table.show([...rows.values()].filter(row => row.keys > 0));
  };
}

function configuration(body, instance, selector, signal) {
  const note = h('p', {class: 'muted'});
  const filter = h('input', {type: 'search', placeholder: 'Filter', 'aria-label': 'Filter the configuration', oninput: () => show()});
  const onlyDrift = h('input', {type: 'checkbox', id: 'drift', onchange: () => show()});
  const table = new Table([
    {name: 'Parameter', cell: row => h('span', {class: 'mono'}, row.key), sort: row => row.key},
    {name: 'Here', className: 'wide', cell: row => h('span', {class: 'mono'}, row.own === '' ? '""' : row.own ?? '–'), sort: row => row.own},
    {name: 'Against its peers', className: 'wide', cell: row => row.drift.length ? h('span', null, badge('warning', 'differs'), ' ', row.drift.map(({peer, text}) => h('span', {class: 'row'}, nodeLink(peer), h('span', {class: 'mono'}, text ?? 'not set')))) : h('span', {class: 'muted'}, row.peers ? 'the same' : 'no peers'), sort: row => -row.drift.length},
  ], {label: 'Configuration', sort: 'Against its peers', empty: 'Nothing.', signal});
  replace(body, h('section', {class: 'card'}, h('div', {class: 'card-head'}, h('h2', null, 'Configuration'), h('span', {class: 'spacer'}), h('label', {for: 'drift'}, onlyDrift, ' only what differs'), filter), note, table.element));
  let rows = [];
  function show() {
    const word = filter.value.toLowerCase();
    table.show(rows.filter(row => (!word || row.key.includes(word)) && (!onlyDrift.checked || row.drift.length)));
  }
  return async () => {
    const own = state.nodeOf.get(instance);
    const peers = own ? state.nodes.filter(node => node.deployment === own.deployment && (node.role === 'sentinel') === (own.role === 'sentinel') && node.instance !== instance).slice(0, 20) : [];
    const names = [instance, ...peers.map(node => node.instance)].map(name => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const result = await instant(`redis_config_key_value{instance=~${quoted(names.join('|'))}}`, signal).catch(() => []);
    if (signal.aborted) return;
    const byKey = new Map();
    for (const {metric: {key, value: text, instance: who}} of result) { if (!byKey.has(key)) byKey.set(key, new Map()); byKey.get(key).set(who, text ?? ''); }
    const asked = peers.filter(peer => result.some(one => one.metric.instance === peer.instance));
    // These are different on purpose.
    const ownOnly = /^(port|tls-port|dir|logfile|pidfile|bind|slaveof|replicaof|cluster-announce|replica-announce|slave-announce|unixsocket|cluster-port|dbfilename|syslog-ident|proc-title|cluster-config-file)/;
    rows = [...byKey].map(([key, values]) => ({key, own: values.get(instance), peers: asked.length,
      drift: ownOnly.test(key) ? [] : asked.filter(peer => values.get(peer.instance) !== values.get(instance)).map(peer => ({peer: peer.instance, text: values.get(peer.instance)}))}));
    note.textContent = rows.length ? `${rows.filter(row => row.drift.length).length} of ${rows.length} parameters differ from ${asked.length} peer${asked.length === 1 ? '' : 's'}; addresses, ports and folders are not compared.` : 'Redstart asks for the whole configuration only with --include-config-metrics.';
    show();
  };
}

function thresholdsTab(body, instance, selector, signal) {
  const grid = h('div', {class: 'grid'});
  replace(body, h('p', {class: 'muted'}, 'What alerting rules compare, of this node, and where they begin to alert.'), grid);
  let drawn, visible = new Set();
  const observer = new IntersectionObserver(entries => {
    for (const entry of entries) {
      const figure = drawn.find(one => one.element === entry.target);
      if (!entry.isIntersecting) visible.delete(figure); else if (!visible.has(figure)) { visible.add(figure); figure.refresh(); }
    }
  }, {rootMargin: '200px'});
  signal.addEventListener('abort', () => observer.disconnect());
  return async () => {
    if (drawn) return Promise.all([...visible].map(figure => figure.refresh()));
    const {thresholds} = await get('api/redstart/v1/thresholds', {instance}, signal).catch(() => ({thresholds: []}));
    // Only what this node has a value for.
    drawn = thresholdFigures(thresholds, signal);
    const has = await Promise.all(drawn.map(figure => instant(figure.figure.query, signal).then(result => result.some(one => one.metric.instance === instance)).catch(() => false)));
    drawn = drawn.filter((_, index) => has[index]);
    replace(grid, drawn.length ? drawn.map(figure => figure.element) : h('p', {class: 'muted'}, 'No rule compares anything of this node with a number.'));
    drawn.forEach(figure => observer.observe(figure.element));
  };
}

function everything(body, instance, selector, signal) {
  const filter = h('input', {type: 'search', placeholder: 'Filter', 'aria-label': 'Filter the metrics', oninput: () => show()});
  const list = h('div');
  replace(body, h('section', {class: 'card'}, h('div', {class: 'card-head'}, h('h2', null, 'Everything it says'), filter), list));
  let series = [], help = {};
  const open = new Set(['Server', 'Memory', 'Replication']);
  function show() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const byGroup = new Map(groups.map(([name]) => [name, []]).concat([['Other', []]]));
    const families = new Map();
    for (const one of series) { const name = one.metric.__name__; if (!families.has(name)) families.set(name, []); families.get(name).push(one); }
    for (const [name, list] of families) {
      const text = `${name} ${help[name]?.[0]?.help ?? ''}`.toLowerCase();
      if (words.every(word => text.includes(word))) byGroup.get(groupOf(name)).push({name, list});
    }
    replace(list, [...byGroup].filter(([, families]) => families.length).map(([group, families]) => h('details', {open: words.length > 0 || open.has(group), ontoggle: event => { if (!words.length) { if (event.target.open) open.add(group); else open.delete(group); } }},
      h('summary', {'data-key': group}, `${group} `, h('span', {class: 'muted'}, String(families.length))),
      h('table', {'aria-label': group, class: 'even'}, h('tbody', null, families.slice(0, 400).map(({name, list}) => h('tr', null,
        h('td', {class: 'wide'}, h('a', {class: 'mono', href: `#/explore?q=${encodeURIComponent(`${name}${selector}`)}`}, name), h('div', {class: 'muted'}, help[name]?.[0]?.help ?? '')),
        h('td', {class: 'wide'}, list.slice(0, 12).map(one => h('div', {class: 'row'}, Object.keys(one.metric).length > 3 && h('span', {class: 'muted mono clip'}, seriesName(one.metric, ['__name__', 'instance', 'job']).replace(/^[^{]*/, '')), h('b', null, value(Number(one.value[1]), help[name]?.[0]?.unit || unitOf(name))))),
          list.length > 12 && h('div', {class: 'muted'}, `and ${list.length - 12} more`)))))))));
    if (!series.length) replace(list, h('p', {class: 'muted'}, 'Nothing is known of this node.'));
  }
  return async () => {
    [series, help] = await Promise.all([instant(selector, signal).catch(() => []), metadata().catch(() => ({}))]);
    if (signal.aborted) return;
    series.sort((a, b) => (a.metric.__name__ < b.metric.__name__ ? -1 : 1));
    show();
  };
}
