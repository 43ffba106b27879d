// Tables that are the same with ten rows and with ten thousand: only what is seen is in the document.

import {h, replace} from './dom.js';

const most = 200;

/**
 * `columns`: [{name, cell(row), sort(row), className, numeric}]; `options`: label, key(row), empty, sort, descending,
 * signal, height (of a row in pixels). `show(rows)` puts rows in.
 */
export class Table {
  constructor(columns, options) {
    this.columns = columns;
    this.options = {height: 34, ...options};
    this.sort = options.sort;
    this.descending = options.descending ?? false;
    this.rows = [];
    this.head = h('tr', {'aria-rowindex': '1'});
    this.body = h('tbody');
    this.above = h('tbody', {'aria-hidden': 'true'}, h('tr', null, h('td', {colspan: columns.length})));
    this.below = h('tbody', {'aria-hidden': 'true'}, h('tr', null, h('td', {colspan: columns.length})));
    this.table = h('table', {'aria-label': options.label}, h('thead', null, this.head), this.above, this.body, this.below);
    this.element = h('div', {class: 'table-box', tabindex: '0', role: 'region', 'aria-label': options.label, onscroll: () => this.scrolled(), onkeydown: event => this.key(event)}, this.table);
    this.element.style.setProperty('--row', `${this.options.height}px`);
    this.heads();
    const observer = new ResizeObserver(() => this.paint());
    observer.observe(this.element);
    options.signal?.addEventListener('abort', () => observer.disconnect());
  }

  heads() {
    replace(this.head, this.columns.map(column => h('th', {scope: 'col', class: column.numeric ? 'numeric' : null,
      'aria-sort': column.sort && this.sort === column.name ? (this.descending ? 'descending' : 'ascending') : null},
    column.sort ? h('button', {class: 'sort', type: 'button', 'data-key': column.name, onclick: () => this.sortBy(column)}, column.name,
      h('span', {'aria-hidden': 'true'}, this.sort === column.name ? (this.descending ? ' ↓' : ' ↑') : '')) : column.name)));
  }

  sortBy(column) {
    this.descending = this.sort === column.name ? !this.descending : Boolean(column.numeric);
    this.sort = column.name;
    this.heads();
    this.show(this.rows);
  }

  /** Puts rows in, in the order that was asked for. */
  show(rows) {
    this.rows = rows;
    const column = this.columns.find(one => one.name === this.sort);
    this.sorted = rows;
    if (column?.sort) {
      const sign = this.descending ? -1 : 1;
      const keys = new Map(rows.map(row => [row, column.sort(row)]));
      this.sorted = [...rows].sort((a, b) => {
        const first = keys.get(a), second = keys.get(b);
        if (first === second) return 0;
        // What is not known is last in both orders.
        if (first === undefined || first === null) return 1;
        if (second === undefined || second === null) return -1;
        return (first < second ? -1 : 1) * sign;
      });
    }
    this.table.setAttribute('aria-rowcount', String(rows.length + 1));
    this.first = undefined;
    this.paint();
  }

  scrolled() {
    this.frame ??= requestAnimationFrame(() => { this.frame = undefined; this.paint(); });
  }

  key(event) {
    if (event.target !== this.element || this.sorted === undefined) return;
    const page = this.element.clientHeight - 2 * this.options.height;
    const by = {PageDown: page, PageUp: -page, ArrowDown: this.options.height, ArrowUp: -this.options.height, End: 1e9, Home: -1e9}[event.key];
    if (by === undefined || this.element.scrollHeight <= this.element.clientHeight) return;
    event.preventDefault();
    this.element.scrollBy({top: by});
  }

  paint() {
    const rows = this.sorted ?? [];
    if (rows.length === 0) {
      this.spaces(0, 0);
      replace(this.body, h('tr', null, h('td', {colspan: this.columns.length, class: 'muted'}, this.options.empty ?? 'Nothing.')));
      return;
    }
    const isVirtual = rows.length > most;
    this.element.classList.toggle('virtual', isVirtual);
    let first = 0, last = rows.length;
    if (isVirtual) {
      const height = this.options.height;
      const seen = Math.ceil((this.element.clientHeight || 600) / height);
      first = Math.max(0, Math.floor(this.element.scrollTop / height) - 10);
      last = Math.min(rows.length, first + seen + 20);
      if (this.first === first && this.last === last) return;
    }
    this.first = first;
    this.last = last;
    this.spaces(first * this.options.height, (rows.length - last) * this.options.height);
    replace(this.body, rows.slice(first, last).map((row, index) => h('tr', {'aria-rowindex': String(first + index + 2), class: this.options.rowClass?.(row)},
      this.columns.map(column => h('td', {class: [column.numeric && 'numeric', column.className].filter(Boolean).join(' ') || null}, column.cell(row))))));
  }

  spaces(above, below) {
    this.above.hidden = above === 0;
    this.below.hidden = below === 0;
    this.above.style.setProperty('--space', `${above}px`);
    this.below.style.setProperty('--space', `${below}px`);
  }
}
