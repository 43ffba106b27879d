// Numbers and times for people.

const plain = new Intl.NumberFormat('en', {maximumSignificantDigits: 4});
const grouped = new Intl.NumberFormat('en', {maximumFractionDigits: 0});

function scaled(value, base, units) {
  let index = 0;
  let size = Math.abs(value);
  while (size >= base * 0.99995 && index < units.length - 1) { size /= base; index += 1; }
  const digits = size >= 100 || Number.isInteger(size) ? 0 : size >= 10 ? 1 : 2;
  return `${value < 0 ? '−' : ''}${size.toFixed(digits)}${units[index] ? `\u2009${units[index]}` : ''}`;
}

export const bytes = value => scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']);

let offset = 0;

/** The time by the daemon's clock, which may be another one than the browser's. */
export const now = () => Date.now() / 1000 + offset;

/** The daemon has just said what time it is. */
export function setClock(seconds) {
  const difference = seconds - Date.now() / 1000;
  // Less is the time that the message was under way.
  offset = Math.abs(difference) > 2 ? difference : 0;
}

/** A length of time in two parts at most: `2 h 5 min`. */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return number(seconds);
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? '−' : '';
  if (size === 0) return '0\u2009s';
  if (size < 1e-3) return `${sign}${plain.format(Number((size * 1e6).toPrecision(3)))}\u2009µs`;
  if (size < 1) return `${sign}${plain.format(Number((size * 1e3).toPrecision(3)))}\u2009ms`;
  if (size < 60) return `${sign}${plain.format(Number(size.toPrecision(3)))}\u2009s`;
  const units = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];
  const index = units.findIndex(([, length]) => size >= length);
  const whole = Math.floor(size / units[index][1]);
  const next = units[index + 1];
  const rest = next ? Math.floor((size - whole * units[index][1]) / next[1]) : 0;
  return `${sign}${whole}\u2009${units[index][0]}${rest && whole < 100 ? ` ${rest}\u2009${next[0]}` : ''}`;
}

export function number(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+∞' : '−∞';
  const size = Math.abs(value);
  if (size >= 1e6) return scaled(value, 1000, ['', 'k', 'M', 'G', 'T', 'P']);
  if (size >= 1000) return grouped.format(value);
  if (size !== 0 && size < 1e-4) return value.toExponential(2);
  return plain.format(value);
}

export const percent = ratio => `${plain.format(Number((ratio * 100).toPrecision(3)))}\u2009%`;

/** A value with its unit; units are those of the catalogue and a few of the plots. */
export function value(amount, unit) {
  if (amount === undefined || amount === null) return '–';
  if (!Number.isFinite(amount)) return number(amount);
  switch (unit) {
    case 'bytes': return bytes(amount);
    case 'bytes/s': return `${bytes(amount)}/s`;
    // So many seconds are no length but a time.
    case 'seconds': return amount > 1e9 ? moment(amount) : duration(amount);
    case 'ratio': return percent(amount);
    case '/s': return `${number(amount)}/s`;
    case 'timestamp': return moment(amount);
    default: return number(amount);
  }
}

/** The unit that the name of a metric tells. */
export function unitOf(name) {
  if (/_timestamp(_seconds)?$/.test(name)) return 'timestamp';
  const base = name.replace(/_total$/, '');
  if (/_bytes$/.test(base)) return 'bytes';
  if (/_(seconds|sec)$|_in_seconds$/.test(base)) return 'seconds';
  if (/_ratio$/.test(base)) return 'ratio';
  return '';
}

/** The unit of an expression, where the names in it leave no doubt. */
export function unitOfQuery(query) {
  if (/\b(count|changes|group)\s*(by|without|\()/.test(query)) return '';
  const names = (query.replace(/"(?:[^"\\]|\\.)*"/g, '""').match(/[a-zA-Z_:][\w:]*(?=\s*[{\[\s)]|$)/g) ?? [])
    .filter(name => /^(redis|redstart|process)_/.test(name) && !/_info$/.test(name));
  const units = new Set(names.map(unitOf));
  if (names.length === 0 || units.size !== 1) return '';
  const [unit] = units;
  if (query.includes('/')) {
    // One size by another of the same kind is a share.
    const kinds = new Set(names.map(name => name.split('_').slice(0, 2).join('_')));
    return unit || (kinds.size === 1 && names.length > 1) ? 'ratio' : '';
  }
  if (/\b(rate|irate|deriv)\(/.test(query)) return unit === 'bytes' ? 'bytes/s' : unit === 'seconds' ? 'ratio' : unit === '' ? '/s' : '';
  return unit;
}

const pad = part => String(part).padStart(2, '0');

/** The time of day. */
export function clock(seconds, withSeconds = true) {
  const date = new Date(seconds * 1000);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}${withSeconds ? `:${pad(date.getSeconds())}` : ''}`;
}

/** Date and time. */
export function moment(seconds) {
  const date = new Date(seconds * 1000);
  if (!Number.isFinite(date.getTime())) return '–';
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${clock(seconds)}`;
}

/** How long ago, or the date if that is long. */
export function ago(seconds) {
  const past = now() - seconds;
  if (past < 2) return 'just now';
  return past < 86400 * 2 ? `${duration(past < 60 ? Math.round(past) : past)} ago` : moment(seconds);
}

/** `30s`, `15m`, `1h` as seconds. */
export function parseDuration(text) {
  const match = /^(\d+)(s|m|h|d)$/.exec(text ?? '');
  return match ? Number(match[1]) * {s: 1, m: 60, h: 3600, d: 86400}[match[2]] : undefined;
}

/** Seconds as `15m`. */
export function shortDuration(seconds) {
  for (const [unit, length] of [['d', 86400], ['h', 3600], ['m', 60]]) {
    if (seconds >= length && seconds % length === 0) return `${seconds / length}${unit}`;
  }
  return `${seconds}s`;
}
