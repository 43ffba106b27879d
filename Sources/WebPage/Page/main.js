// The frame: which view, which time range, light or dark, whether the page is live.

import {h, replace, announce} from './dom.js';
import {about, bounds, connect, isLive, on, range, rangeParameters, rangeRead, readRange, setRange, state, usual} from './data.js';
import {isHeartbeat} from './alerts.js';
import {clock, moment, now, parseDuration, shortDuration} from './format.js';

const views = {
  now: ['Now', () => import('./now.js')],
  topology: ['Topology', () => import('./topology.js')],
  explore: ['Explore', () => import('./explore.js')],
  rules: ['Rules', () => import('./rules.js')],
  targets: ['Targets', () => import('./targets.js')],
  status: ['Status', () => import('./status.js')],
  node: ['Node', () => import('./node.js')],
};

const main = document.getElementById('main');
const notice = document.getElementById('notice');
let current, controller;

// --- Addresses: #/view/place?parameters --------------------------------------------------------------------------

/** The view and the parameters of the address. */
function address() {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const [name = 'now', ...rest] = path.split('/');
  let place = rest.join('/');
  try { place = decodeURIComponent(place); } catch { /* As it stands there. */ }
  return {name: views[name] ? name : 'now', place, parameters: new URLSearchParams(query)};
}

/** The address of a view with the time range of now. */
function href(name, place, parameters = {}) {
  const query = new URLSearchParams({...parameters, ...rangeParameters()});
  if (query.get('range') === shortDuration(usual.seconds)) query.delete('range');
  const text = query.toString();
  return `#/${name}${place ? `/${encodeURIComponent(place)}` : ''}${text ? `?${text}` : ''}`;
}

/** Puts parameters of a view into the address, without a new entry in the history. */
export function remember(parameters) {
  const {name, place} = address();
  history.replaceState(null, '', href(name, place, parameters));
  current.parameters = parameters;
  links();
}

async function route() {
  const next = address();
  if (readRange(next.parameters)) rangeRead();
  for (const key of ['range', 'from', 'to']) next.parameters.delete(key);
  showRange();
  const identity = JSON.stringify([next.name, next.place, [...next.parameters]]);
  if (current?.identity === identity) return links();
  const isFirst = current === undefined;
  controller?.abort();
  controller = new AbortController();
  const {signal} = controller;
  current = {identity, name: next.name, place: next.place, parameters: Object.fromEntries(next.parameters)};
  links();
  const [title, load] = views[next.name];
  document.title = `${next.place ? `${next.place.slice(0, 80)} – ` : ''}${title} – Redstart`;
  try {
    const view = await load();
    if (signal.aborted) return;
    view.mount(main, {place: next.place, parameters: next.parameters, remember}, signal);
    main.dataset.view = next.name;
  } catch (error) {
    if (signal.aborted) return;
    console.error(error);
    replace(main, h('p', {class: 'problem'}, `This view cannot be shown: ${error.message}`));
  }
  if (!isFirst) {
    scrollTo(0, 0);
    if (!main.contains(document.activeElement)) main.focus({preventScroll: true});
    announce(title);
  }
}

function links() {
  const shown = Object.entries(views).filter(([name]) => name !== 'node');
  replace(document.getElementById('views'), shown.map(([name, [title]]) => h('a', {href: href(name), 'data-key': name,
    'aria-current': current?.name === name || (name === 'now' && current?.name === 'node') ? 'page' : null}, title,
  name === 'now' && firing() > 0 && h('span', {class: 'count', 'aria-label': `${firing()} firing`}, String(firing())))));
  document.querySelector('.brand').href = href('now');
}

const firing = () => state.alerts.alerts.filter(alert => alert.state === 'firing' && !isHeartbeat(alert)).length;

// --- Tools on the right ------------------------------------------------------------------------------------------

const choices = ['5m', '15m', '30m', '1h', '3h', '6h', '12h', '1d', '3d', '7d'];
const select = h('select', {id: 'range', 'aria-label': 'Time range', 'data-key': 'range', onchange: () => { if (select.value !== 'chosen') setRange({seconds: parseDuration(select.value)}); }});
const earlier = h('button', {type: 'button', class: 'quiet', title: 'Earlier', 'aria-label': 'Earlier', onclick: () => shift(-0.5)}, '‹');
const later = h('button', {type: 'button', class: 'quiet', title: 'Later', 'aria-label': 'Later', onclick: () => shift(0.5)}, '›');
const live = h('span', {class: 'live', role: 'status'});
const theme = h('button', {type: 'button', class: 'quiet', onclick: nextTheme});
document.getElementById('tools').append(live, h('span', {class: 'range'}, earlier, select, later), theme);

function shift(share) {
  const {from, to} = bounds();
  const by = (to - from) * share;
  if (to + by >= now()) setRange({seconds: choices.map(parseDuration).find(one => one >= Math.floor(to - from)) ?? 3600});
  else setRange({from: from + by, to: to + by});
}

function showRange() {
  const offered = choices.filter(one => parseDuration(one) <= Math.max(3600, about.history));
  const own = isLive() && shortDuration(range.seconds);
  if (own && !offered.includes(own)) offered.push(own);
  replace(select, !isLive() && h('option', {value: 'chosen'}, `${moment(range.from).slice(5, 16)} – ${clock(range.to, false)}`), offered.map(one => h('option', {value: one}, `Last ${one.replace(/(\d+)(\w)/, (_, size, unit) => `${size} ${{m: 'min', h: 'h', d: 'd', s: 's'}[unit]}`)}`)));
  select.value = isLive() ? own : 'chosen';
  later.disabled = isLive();
}

function showConnection() {
  const text = {live: 'Live', lost: 'Reconnecting…', connecting: 'Connecting…'}[state.connection];
  live.className = `live ${state.connection}`;
  replace(live, h('span', {'aria-hidden': 'true'}, state.connection === 'live' ? '●' : '○'), ` ${text}`);
  notice.hidden = state.connection !== 'lost';
  if (state.connection === 'lost') notice.textContent = 'The connection to Redstart is lost. What is shown may be old.';
}

// --- Light and dark ----------------------------------------------------------------------------------------------

const themes = {auto: ['◐', 'as the system'], light: ['☀', 'light'], dark: ['☾', 'dark']};

function storedTheme() {
  try { return localStorage.getItem('redstart-theme') ?? 'auto'; } catch { return 'auto'; }
}

function showTheme(name) {
  if (name === 'auto') delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = name;
  const [sign, text] = themes[name] ?? themes.auto;
  theme.textContent = sign;
  theme.title = `Colours: ${text}`;
  theme.setAttribute('aria-label', `Colours: ${text}`);
  dispatchEvent(new Event('theme'));
}

function nextTheme() {
  const names = Object.keys(themes);
  const next = names[(names.indexOf(storedTheme()) + 1) % names.length];
  try { localStorage.setItem('redstart-theme', next); } catch { /* For this page only then. */ }
  showTheme(next);
  announce(`Colours: ${themes[next][1]}`);
}

// --- Keys --------------------------------------------------------------------------------------------------------

const keys = {n: 'now', t: 'topology', e: 'explore', r: 'rules', a: 'targets', s: 'status'};
let goes = 0;

addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  if (event.key === '/') {
    const field = main.querySelector('input[type=search], textarea');
    if (field) { event.preventDefault(); field.focus(); }
  } else if (event.key === '?') {
    event.preventDefault();
    help();
  } else if (event.key === 'g') goes = Date.now();
  else if (Date.now() - goes < 1500 && keys[event.key]) { goes = 0; location.hash = href(keys[event.key]); }
});

function help() {
  const dialog = h('dialog', {class: 'help', 'aria-label': 'Keys', onclose: () => dialog.remove()}, h('h2', null, 'Keys'),
    h('dl', null, Object.entries(keys).map(([key, name]) => [h('dt', null, h('kbd', null, 'g'), ' ', h('kbd', null, key)), h('dd', null, views[name][0])]),
      h('dt', null, h('kbd', null, '/')), h('dd', null, 'Filter or query'), h('dt', null, h('kbd', null, '← →')), h('dd', null, 'Move the cursor in a plot')),
    h('form', {method: 'dialog'}, h('button', {class: 'primary', autofocus: true}, 'Close')));
  document.body.append(dialog);
  dialog.showModal();
}

// --- Begin -------------------------------------------------------------------------------------------------------

showTheme(storedTheme());
showConnection();
on('connection', undefined, showConnection);
let isFirstAbout = true;
on('about', undefined, () => {
  if (isFirstAbout && !about.isPersistent && isLive() && !address().parameters.has('range')) {
    // A daemon that has just begun has no hour to show.
    const age = now() - about.startedAt;
    usual.seconds = [300, 900, 1800].find(seconds => age < seconds) ?? 3600;
    if (usual.seconds !== range.seconds) { range.seconds = usual.seconds; rangeRead(); }
  }
  isFirstAbout = false;
  showRange();
});
on('range', undefined, () => { showRange(); history.pushState(null, '', href(current.name, current.place, current.parameters)); links(); });
let shownFiring = 0;
on('alerts', undefined, () => {
  const count = firing();
  if (count === shownFiring) return;
  announce(count > shownFiring ? `${count} alerts firing` : count ? `${count} alerts still firing` : 'No alert fires any more');
  shownFiring = count;
  links();
});
addEventListener('hashchange', route);
addEventListener('popstate', route);
route();
connect();
