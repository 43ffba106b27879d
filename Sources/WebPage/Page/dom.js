// Elements without markup: whatever a server says becomes text, never HTML.

const SVG = 'http://www.w3.org/2000/svg';

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'vars') for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
    else if (name === 'value' || name === 'checked') element[name] = value;
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** An element: `h('p', {class: 'muted', onclick: f}, 'text', child)`. */
export const h = (tag, properties, ...children) => fill(document.createElement(tag), properties, children);

/** The same for a part of a drawing. */
export const svg = (tag, properties, ...children) => fill(document.createElementNS(SVG, tag), properties, children);

/** Puts these children in the place of all there are; the focus stays on what has the same `data-key`. */
export function replace(element, ...children) {
  const active = document.activeElement;
  const key = element.contains(active) ? active.dataset?.key : undefined;
  element.replaceChildren();
  append(element, children);
  if (key !== undefined) element.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({preventScroll: true});
  return element;
}

/** Says something to those who do not see the page. */
export function announce(text) {
  document.getElementById('announcer').textContent = text;
}

/** Tells `body` the width whenever it changes, until the signal. */
export function watchWidth(element, signal, body) {
  let last = 0;
  const observer = new ResizeObserver(entries => {
    const width = Math.floor(entries[0].contentRect.width);
    if (width > 0 && width !== last) body(last = width);
  });
  observer.observe(element);
  signal?.addEventListener('abort', () => observer.disconnect());
}

/** A heading with what belongs to it. */
export function section(title, ...children) {
  return h('section', {class: 'card'}, title && h('h2', null, title), ...children);
}

const glyphs = {critical: '▲', warning: '◆', info: '●', ok: '✓', down: '✕', unknown: '?', pending: '◷', silenced: '◌'};

/** A word with a sign and a colour: never the colour alone. */
export function badge(kind, text) {
  return h('span', {class: `badge ${kind}`}, h('span', {'aria-hidden': 'true'}, glyphs[kind] ?? '•'), ' ', text ?? kind);
}

/** A link to the view of a node. */
export function nodeLink(instance, properties) {
  return h('a', {class: 'mono clip', href: `#/node/${encodeURIComponent(instance)}`, title: instance.slice(0, 400), ...properties},
    instance.length > 120 ? `${instance.slice(0, 119)}…` : instance);
}

/** How much larger than usual text is: 1 with 15 pixels. */
export const zoom = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 15;
