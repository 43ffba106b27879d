// What the page knows: answers of the API, the live feed, and the one time range of all views.

import {now, parseDuration, setClock, shortDuration} from './format.js';

/** Why an answer is no answer. */
export class Failure extends Error {}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, {cache: 'no-store', ...options});
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Failure('Redstart does not answer.');
  }
  let body;
  try { body = await response.json(); } catch { throw new Failure(`Redstart answers ${response.status}, and no JSON.`); }
  if (typeof body === 'string') throw new Failure(body);
  if (!response.ok || body?.status === 'error') throw new Failure(body?.error ?? `Redstart answers ${response.status}.`);
  return body;
}

/** The `data` of an endpoint. */
export async function get(path, parameters, signal) {
  const query = new URLSearchParams(parameters ?? {}).toString();
  return (await ask(path + (query ? `?${query}` : ''), {signal})).data;
}

/** An endpoint in the form of Alertmanager, which has no envelope. */
export const getPlain = path => ask(path);

/** The labels and values of an expression now. */
export async function instant(query, signal) {
  const data = await post('api/v1/query', {query}, signal);
  if (data.resultType === 'scalar' || data.resultType === 'string') return [{metric: {}, value: data.result}];
  return data.result;
}

/** What a query answers, as a form: queries may be long. */
export async function post(path, parameters, signal) {
  return (await ask(path, {method: 'POST', body: new URLSearchParams(parameters), signal})).data;
}

/** The series of an expression over a range: `{step, series: [{metric, points: [[time, value]]}]}`. */
export async function overRange(query, from, to, {points = 240, signal, smallest} = {}) {
  const least = smallest ?? Math.min(about.pollInterval ?? 15, 15);
  const step = Math.max(1, Math.ceil((to - from) / points), Math.ceil(least));
  // Whole steps, so that what is drawn does not tremble from one look to the next.
  const start = Math.floor(from / step) * step;
  const data = await post('api/v1/query_range', {query, start, end: Math.max(start, Math.floor(to / step) * step), step}, signal);
  const series = (data.result ?? []).map(one => ({metric: one.metric, points: (one.values ?? []).map(([time, text]) => [time, Number(text)])}));
  return {step, series};
}

/** Changes something, where that is allowed. */
export function change(method, path, body) {
  return ask(path, {method, headers: {'Content-Type': 'application/json', 'X-Redstart-Token': about.token ?? ''}, body: body && JSON.stringify(body)});
}

// --- What there is ------------------------------------------------------------------------------------------------

/** What the daemon says of itself. */
export const about = {history: 3600, pollInterval: 15, allowsChanges: false};

let metadataAnswer;
/** Type, unit and help by metric. */
export function metadata() {
  metadataAnswer ??= get('api/v1/metadata').catch(error => { metadataAnswer = undefined; throw error; });
  return metadataAnswer;
}

const bus = new EventTarget();

/** Calls `body` for each event of a kind until the signal: `live`, `alerts`, `events`, `nodes`, `range`, `connection`. */
export function on(kind, signal, body) {
  bus.addEventListener(kind, event => body(event.detail), {signal});
}
function emit(kind, detail) { bus.dispatchEvent(new CustomEvent(kind, {detail})); }

/** The state that several views share. */
export const state = {
  alerts: {firing: 0, pending: 0, alerts: []},
  events: [],
  nodes: [],
  nodeOf: new Map(),
  connection: 'connecting',
  loaded: false,
};

let lastNumber, nodesAsked = 0, nodesTimer;

function takeAlerts(alerts) {
  state.alerts = alerts;
  emit('alerts', alerts);
}

function takeEvents(events) {
  if (!events.length) return;
  const known = state.events.at(-1)?.number ?? 0;
  state.events = [...state.events, ...events.filter(event => event.number > known)].slice(-1000);
  emit('events', state.events);
}

/** Asks for the nodes again, not more often than they change. */
export async function refreshNodes() {
  const wait = state.nodes.length > 200 ? 10000 : 2000;
  const left = nodesAsked + wait - Date.now();
  clearTimeout(nodesTimer);
  if (left > 0) { nodesTimer = setTimeout(refreshNodes, left); return; }
  nodesAsked = Date.now();
  try {
    const data = await get('api/redstart/v1/nodes');
    setClock(data.time);
    state.nodes = data.nodes;
    state.nodeOf = new Map(data.nodes.map(node => [node.instance, node]));
    emit('nodes', state.nodes);
  } catch { /* The connection says it. */ }
}

/** Asks for everything, at the start and after something was missed. */
async function refreshAll() {
  const part = async (path, parameters, take) => { try { take(await get(path, parameters)); } catch { /* The connection says it. */ } };
  await Promise.all([
    part('api/redstart/v1/about', null, data => { Object.assign(about, data); emit('about', about); }),
    part('api/redstart/v1/alerts', null, takeAlerts),
    part('api/redstart/v1/events', {limit: 1000}, data => {
      // After a restart of the daemon the numbers begin anew.
      if (data.last < (state.events.at(-1)?.number ?? 0)) state.events = [];
      takeEvents(data.events);
    }),
    refreshNodes(),
  ]);
  if (!state.loaded) { state.loaded = true; emit('loaded', state); }
}

// --- The live feed ------------------------------------------------------------------------------------------------

let source, polling, silence;

function setConnection(connection) {
  if (state.connection === connection) return;
  state.connection = connection;
  emit('connection', connection);
}

function heard() {
  clearTimeout(silence);
  // The daemon says something every five seconds at the latest.
  silence = setTimeout(() => { close(); open(); }, 20000);
}

function open() {
  if (source || document.hidden) return;
  source = new EventSource('api/redstart/v1/live');
  source.onopen = () => {
    clearInterval(polling); polling = undefined;
    lastNumber = undefined;
    setConnection('live');
    heard();
    refreshAll();
  };
  source.onmessage = event => {
    heard();
    const message = JSON.parse(event.data);
    setClock(message.time);
    if (lastNumber !== undefined && message.number !== lastNumber + 1) refreshAll();
    lastNumber = message.number;
    takeEvents(message.events);
    if (message.alerts) takeAlerts(message.alerts);
    const changed = Object.entries(message.polls).some(([instance, reason]) => {
      const known = state.nodeOf.get(instance);
      return known && (known.state === 'up') !== (reason === '');
    });
    if (message.events.length || changed) nodesAsked = 0;
    emit('live', message);
    if (Object.keys(message.polls).length) refreshNodes();
  };
  source.onerror = () => {
    setConnection('lost');
    // What the stream does not tell is asked for, until it is back.
    polling ??= setInterval(async () => { await refreshAll(); emit('live', {polls: Object.fromEntries(state.nodes.map(node => [node.instance, '']))}); }, 5000);
    if (source?.readyState === EventSource.CLOSED) { close(); setTimeout(open, 5000); }
  };
}

function close() {
  source?.close();
  source = undefined;
  clearTimeout(silence);
}

/** Begins to listen. A page that nobody sees listens to nothing: browsers give a host six connections in all. */
export function connect() {
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) { close(); clearInterval(polling); polling = undefined; } else open();
  });
  addEventListener('pagehide', close);
  open();
  return refreshAll();
}

// --- The time range -----------------------------------------------------------------------------------------------

/** `{seconds}` up to now, or `{from, to}`. */
export const range = {seconds: 3600};

/** What an address without a range means. */
export const usual = {seconds: 3600};

/** Whether the range ends now. */
export const isLive = () => range.from === undefined;

/** The range in seconds since 1970. */
export function bounds() {
  const end = now();
  return isLive() ? {from: end - range.seconds, to: end} : {from: range.from, to: range.to};
}

/** The range as the address has it. */
export function rangeParameters() {
  return isLive() ? {range: shortDuration(range.seconds)} : {from: Math.floor(range.from), to: Math.ceil(range.to)};
}

/** Takes the range of an address; returns whether it is another one. */
export function readRange(parameters) {
  const before = JSON.stringify(range);
  const from = Number(parameters.get('from')), to = Number(parameters.get('to'));
  const seconds = parseDuration(parameters.get('range')) ?? (parameters.has('from') ? undefined : usual.seconds);
  if (parameters.has('from') && from < to && to - from >= 1) Object.assign(range, {from, to, seconds: undefined});
  else if (seconds) Object.assign(range, {from: undefined, to: undefined, seconds});
  return before !== JSON.stringify(range);
}

/** Sets the range of all views. */
export function setRange(next) {
  Object.assign(range, {from: undefined, to: undefined, seconds: undefined}, next);
  emit('range', range);
}

/** The range has come from the address. */
export function rangeRead() { emit('rangeread', range); }
