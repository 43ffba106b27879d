// Any question in PromQL: completion, errors under the character, table and plot, and a link that can be shared.

import {h, replace, section, announce} from './dom.js';
import {bounds, get, metadata, on, overRange, post} from './data.js';
import {Plot, seriesName, commonLabels} from './plot.js';
import {Table} from './list.js';
import {number, unitOfQuery, value} from './format.js';

const functions = 'abs absent absent_over_time avg_over_time ceil changes clamp clamp_max clamp_min count_over_time day_of_month day_of_week delta deriv exp floor histogram_quantile hour idelta increase irate label_join label_replace last_over_time ln log10 log2 max_over_time min_over_time minute month predict_linear present_over_time quantile_over_time rate resets round scalar sgn sort sort_desc sqrt stddev_over_time sum_over_time time timestamp vector year'.split(' ');
const aggregations = 'avg bottomk count count_values group max min quantile stddev sum topk'.split(' ');
const keywords = 'and bool by group_left group_right ignoring offset on or unless without'.split(' ');

const examples = [
  ['Commands per second, by node', 'sum by (instance) (rate(redis_commands_processed_total[5m]))'],
  ['Memory against maxmemory', 'redis_memory_used_bytes / (redis_memory_max_bytes > 0)'],
  ['Slowest commands on average', 'topk(10, rate(redis_commands_duration_seconds_total[5m]) / rate(redis_commands_total[5m]))'],
  ['Replication lag', 'redis_replication_lag_seconds'],
];

/** What stands before the cursor: the beginning of a name, and whether it is that of a label or of its value. */
export function contextAt(text, position) {
  const before = text.slice(0, position);
  const inside = /([a-zA-Z_:][\w:]*)?\s*\{([^{}]*)$/.exec(before);
  if (inside) {
    const matchers = inside[2];
    const valueOf = /([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)$/.exec(matchers);
    if (valueOf) return {kind: 'value', metric: inside[1], label: valueOf[1], word: valueOf[2]};
    const quotes = (matchers.match(/(?<!\\)"/g) ?? []).length;
    if (quotes % 2 === 0) return {kind: 'label', metric: inside[1], word: /[\w]*$/.exec(matchers)[0]};
    return undefined;
  }
  if (((before.match(/(?<!\\)"/g) ?? []).length) % 2 === 1 || /\[[^\]]*$/.test(before)) return undefined;
  const grouping = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^()]*)$/.exec(before);
  const word = /[a-zA-Z_:][\w:]*$/.exec(before)?.[0] ?? '';
  return grouping ? {kind: 'label', word} : word ? {kind: 'name', word} : undefined;
}

/** The place in a query of a line and column, counted from 1 in bytes of UTF-8. */
function offsetOf(text, line, column) {
  const lines = text.split('\n');
  let offset = 0;
  for (let index = 0; index < line - 1 && index < lines.length; index += 1) offset += lines[index].length + 1;
  const row = lines[line - 1] ?? '';
  return offset + new TextDecoder().decode(new TextEncoder().encode(row).slice(0, column - 1)).length;
}

/** An error of the API with the line it is about and a sign under the character. */
export function explain(message, query) {
  const match = /(\d+):(\d+): parse error: ([^\n]*)/.exec(message);
  if (!match) return {text: message.replace(/^invalid parameter "query": /, '')};
  const line = Number(match[1]), column = Number(match[2]);
  const row = query.split('\n')[line - 1] ?? '';
  const shown = new TextDecoder().decode(new TextEncoder().encode(row).slice(0, column - 1)).replace(/[^\t]/g, ' ');
  return {text: `${row}\n${shown}^\n${line}:${column}: ${match[3].replace(/"$/, '')}`, at: offsetOf(query, line, column)};
}

export function mount(main, {parameters, remember}, signal) {
  const input = h('textarea', {id: 'query', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', 'aria-label': 'PromQL expression', placeholder: 'redis_connected_clients', rows: 3,
    role: 'combobox', 'aria-expanded': 'false', 'aria-controls': 'completions', 'aria-autocomplete': 'list', 'aria-describedby': 'query-problem', value: parameters.get('q') ?? '',
    oninput: () => { complete(); checkSoon(); }, onkeydown: key, onblur: () => setTimeout(closeList, 150)});
  const options = h('ul', {id: 'completions', class: 'complete', role: 'listbox', 'aria-label': 'Completions', hidden: true});
  const problem = h('pre', {id: 'query-problem', class: 'problem', role: 'alert', hidden: true});
  const info = h('p', {class: 'muted', role: 'status'});
  const plot = new Plot({title: 'Result', height: 320, signal, zero: false, names: true});
  const tableBox = h('div');
  let table;
  replace(main, h('h1', null, 'Explore'),
    h('section', {class: 'card query'}, h('form', {class: 'query', onsubmit: event => { event.preventDefault(); run(); }},
      h('div', {class: 'query-box'}, input, options), problem,
      h('div', {class: 'row'}, h('button', {class: 'primary', type: 'submit'}, 'Run'), h('span', {class: 'muted'}, h('kbd', null, 'Ctrl'), ' ', h('kbd', null, 'Enter')), h('button', {type: 'button', onclick: share}, 'Copy link'), h('button', {type: 'button', onclick: tidy}, 'Format'), h('span', {class: 'spacer'}), info))),
    h('div', {class: 'card'}, plot.element), section('Now', tableBox),
    section('Questions to begin with', h('ul', null, examples.map(([title, query]) => h('li', null, h('a', {href: `#/explore?q=${encodeURIComponent(query)}`}, title), ' ', h('code', null, query))))));

  let names = [], labels = [], help = {};
  metadata().then(all => { help = all; }).catch(() => { /* Completion without help then. */ });
  get('api/v1/label/__name__/values', null, signal).then(list => {
    names = list;
    // Whoever began to type before has waited for this.
    if (document.activeElement === input && input.value) complete();
  }).catch(() => {});
  get('api/v1/labels', null, signal).then(list => { labels = list; }).catch(() => {});

  // --- Completion
  let found = [], chosen = -1, asked = 0;
  async function complete() {
    const context = contextAt(input.value, input.selectionStart);
    const turn = asked += 1;
    if (!context) return closeList();
    const word = context.word.toLowerCase();
    let candidates = [];
    if (context.kind === 'label') candidates = labels.filter(name => name !== '__name__').map(name => ({text: name, note: 'label'}));
    else if (context.kind === 'value') {
      const matcher = context.metric ? {'match[]': context.metric} : {};
      const values = await get(`api/v1/label/${encodeURIComponent(context.label)}/values`, {...matcher, limit: 500}, signal).catch(() => []);
      if (turn !== asked) return;
      candidates = values.map(text => ({text: text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n'), note: context.label}));
    } else {
      candidates = [...names.map(text => ({text, note: help[text]?.[0]?.help ?? 'metric'})), ...functions.map(text => ({text, note: 'function', after: '('})),
        ...aggregations.map(text => ({text, note: 'aggregation', after: '('})), ...keywords.map(text => ({text, note: 'keyword'}))];
    }
    const starts = candidates.filter(one => one.text.toLowerCase().startsWith(word));
    const holds = candidates.filter(one => !one.text.toLowerCase().startsWith(word) && one.text.toLowerCase().includes(word));
    found = [...starts, ...holds].slice(0, 50).map(one => ({...one, word: context.word}));
    if (found.length === 0 || (found.length === 1 && found[0].text === context.word)) return closeList();
    chosen = -1;
    showList();
  }

  function showList() {
    replace(options, found.map((one, index) => h('li', {role: 'option', id: `option-${index}`, 'aria-selected': String(index === chosen), onpointerdown: event => { event.preventDefault(); take(one); }},
      h('span', {class: 'mono'}, one.text), h('span', {class: 'muted'}, one.note))));
    options.hidden = false;
    input.setAttribute('aria-expanded', 'true');
    if (chosen >= 0) { input.setAttribute('aria-activedescendant', `option-${chosen}`); options.children[chosen].scrollIntoView({block: 'nearest'}); } else input.removeAttribute('aria-activedescendant');
  }

  function closeList() {
    options.hidden = true;
    chosen = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  }

  function take(one) {
    const start = input.selectionStart - one.word.length;
    input.setRangeText(one.text + (one.after ?? ''), start, input.selectionStart, 'end');
    closeList();
    input.focus();
    checkSoon();
  }

  function key(event) {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); closeList(); run(); return; }
    if (options.hidden) { if (event.key === ' ' && event.ctrlKey) { event.preventDefault(); complete(); } return; }
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      chosen = (chosen + (event.key === 'ArrowDown' ? 1 : chosen < 0 ? 0 : -1) + found.length) % found.length;
      showList();
    } else if ((event.key === 'Enter' || event.key === 'Tab') && (chosen >= 0 || event.key === 'Tab')) { event.preventDefault(); take(found[Math.max(0, chosen)]); } else if (event.key === 'Escape') { event.preventDefault(); closeList(); }
  }

  // --- Errors while one types
  let timer, turn = 0;
  function checkSoon() {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const query = input.value, own = turn += 1;
      if (!query.trim()) return showProblem();
      try { await post('api/v1/parse_query', {query}, signal); if (own === turn) showProblem(); } catch (error) { if (own === turn && !signal.aborted) showProblem(error, query); }
    }, 400);
  }

  function showProblem(error, query) {
    problem.hidden = !error;
    input.setAttribute('aria-invalid', String(Boolean(error)));
    problem.textContent = error ? explain(error.message, query).text : '';
  }

  // --- Answers
  let running = false;
  async function run(isAgain = false) {
    const query = input.value.trim();
    if (!query || running) return;
    running = true;
    if (!isAgain) { closeList(); remember({q: query}); info.textContent = 'Asking…'; }
    const {from, to} = bounds();
    const started = performance.now();
    const unit = plot.options.unit = unitOfQuery(query);
    try {
      const [now, over] = await Promise.all([post('api/v1/query', {query, limit: 10000}, signal), overRange(query, from, to, {points: 400, signal}).catch(error => {
        // A range vector or a text has a value now, and no plot.
        if (error.name === 'AbortError') throw error;
        return {series: [], step: 15, error: error.message.includes('invalid expression type') ? 'This expression has no plot.' : error.message};
      })]);
      showProblem();
      const common = commonLabels(over.series);
      plot.show({series: over.series.map(one => ({name: seriesName(one.metric, over.series.length > 1 ? common : []), points: one.points})), from, to, step: over.step, error: over.error});
      showTable(now, unit);
      const count = Array.isArray(now.result) && now.resultType !== 'scalar' && now.resultType !== 'string' ? now.result.length : 1;
      info.textContent = `${number(count)} series, ${Math.round(performance.now() - started)} ms`;
    } catch (error) {
      if (signal.aborted) return;
      showProblem(error, query);
      info.textContent = '';
    } finally { running = false; }
  }

  function showTable(data, unit) {
    if (data.resultType === 'scalar' || data.resultType === 'string') {
      table = undefined;
      replace(tableBox, h('p', null, h('b', null, data.resultType === 'scalar' ? value(Number(data.result[1]), unit) : data.result[1])));
      return;
    }
    const rows = data.result.map(one => ({name: seriesName(one.metric), metric: one.metric, last: Number((one.value ?? one.values?.at(-1))?.[1]), count: one.values?.length}));
    if (!table || !tableBox.contains(table.element)) {
      table = new Table([
        {name: 'Series', className: 'wide', cell: row => h('span', {class: 'mono'}, row.name), sort: row => row.name},
        {name: 'Value', numeric: true, cell: row => h('span', {title: String(row.last)}, value(row.last, table.unit), row.count > 1 && h('span', {class: 'muted'}, ` last of ${row.count}`)), sort: row => row.last},
      ], {label: 'Result', empty: 'The answer is empty.', signal});
      replace(tableBox, table.element);
    }
    table.unit = unit;
    table.show(rows);
  }

  async function share() {
    remember({q: input.value.trim()});
    try { await navigator.clipboard.writeText(location.href); announce('Link copied.'); info.textContent = 'Link copied.'; } catch { info.textContent = 'The link is in the address bar.'; }
  }

  async function tidy() {
    try { input.value = await post('api/v1/format_query', {query: input.value}, signal); showProblem(); } catch (error) { showProblem(error, input.value); }
  }

  on('range', signal, () => run(true));
  on('rangeread', signal, () => run(true));
  let last = Date.now();
  on('live', signal, () => {
    const {from, to} = bounds();
    if (Date.now() - last < Math.max(5000, (to - from) / 400 * 1000) || document.activeElement === input) return;
    last = Date.now();
    if (problem.hidden) run(true);
  });
  if (input.value) run(); else { plot.show({series: [], from: bounds().from, to: bounds().to, step: 15, error: 'Ask something.'}); input.focus({preventScroll: true}); }
}
