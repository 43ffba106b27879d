// Alerts: grouped by deployment, with value, plot, runbook and silence.

import {h, replace, badge, nodeLink, announce} from './dom.js';
import {about, change, overRange, refreshNodes, state} from './data.js';
import {Plot, seriesName} from './plot.js';
import {clock, duration, moment, now, unitOfQuery, value} from './format.js';

/** Alerts that only prove that alerting works. */
export const isHeartbeat = alert => (alert.labels.severity ?? '') === 'none' || alert.labels.alertname === 'Watchdog';

/** What tells an alert from others. */
export const keyOf = alert => JSON.stringify(Object.entries(alert.labels).sort());

export function severityOf(alert) {
  const severity = alert.labels.severity ?? '';
  return ['critical', 'warning', 'info'].includes(severity) ? severity : severity === 'page' || severity === 'error' ? 'critical' : 'warning';
}

/** The deployment an alert is about. */
export function deploymentOf(alert) {
  return alert.labels.deployment || state.nodeOf.get(alert.labels.instance)?.deployment || (alert.labels.job === 'redstart' ? 'Redstart itself' : alert.labels.instance ?? 'All');
}

const cardOf = new WeakMap();

/** Tells cards whether they are in sight: the plot of an alert that nobody sees is not asked for. */
const sight = new IntersectionObserver(entries => {
  for (const entry of entries) cardOf.get(entry.target)?.seen(entry.isIntersecting);
}, {rootMargin: '100px'});

/** One alert on screen; `update` takes its next state. */
export class AlertCard {
  constructor(alert, signal) {
    this.signal = signal;
    this.plotTime = 0;
    this.title = h('h3');
    this.facts = h('p', {class: 'facts'});
    this.summary = h('p', {class: 'summary'});
    this.labels = h('p', {class: 'labels'});
    this.reading = h('p', {class: 'reading'});
    this.plot = new Plot({small: true, height: 46, signal, title: `${alert.labels.alertname} over the last hour`});
    this.runbook = h('div', {class: 'runbook', hidden: true});
    this.form = h('div', {hidden: true});
    const id = `more-${AlertCard.count = (AlertCard.count ?? 0) + 1}`;
    this.runbook.id = `${id}-runbook`;
    this.form.id = `${id}-silence`;
    this.runbookButton = h('button', {type: 'button', 'aria-expanded': 'false', 'aria-controls': this.runbook.id, onclick: () => this.toggleRunbook()}, 'Runbook');
    this.silenceButton = h('button', {type: 'button', 'aria-expanded': 'false', 'aria-controls': this.form.id, onclick: () => this.toggleForm()}, 'Silence…');
    this.actions = h('div', {class: 'actions'}, this.runbookButton, this.silenceButton);
    this.element = h('article', {class: 'alert'},
      h('div', {class: 'alert-text'}, h('div', {class: 'alert-head'}, this.title, this.facts), this.summary, this.labels),
      h('div', {class: 'alert-plot'}, this.reading, this.plot.element), this.actions, this.runbook, this.form);
    cardOf.set(this.element, this);
    sight.observe(this.element);
    signal.addEventListener('abort', () => sight.unobserve(this.element));
    this.update(alert);
  }

  update(alert) {
    this.alert = alert;
    const severity = severityOf(alert);
    this.element.className = `alert ${severity} ${alert.state}`;
    this.element.dataset.alert = alert.labels.alertname;
    const isSilenced = alert.silences.length > 0;
    replace(this.title, alert.labels.alertname);
    replace(this.facts, badge(severity, alert.labels.severity || 'alert'), ' ',
      alert.state === 'pending' ? badge('pending', `pending, fires after ${duration(alert.hold)}`) : h('span', {class: 'state'}, 'firing'),
      isSilenced && [' ', badge('silenced', 'silenced')], ' ',
      h('span', {class: 'muted', title: moment(alert.activeAt)}, `since ${clock(alert.activeAt)}, `, h('time', {'data-since': alert.activeAt}, duration(Math.max(0, Math.floor(now() - alert.activeAt))))));
    const {alertname, severity: _, job: __, topic: ___, instance, deployment, ...others} = alert.labels;
    replace(this.summary, alert.annotations.summary ?? alert.annotations.description ?? '');
    if (alert.annotations.description && alert.annotations.summary) this.summary.title = alert.annotations.description;
    replace(this.labels, instance && (state.nodeOf.has(instance) ? nodeLink(instance) : h('span', {class: 'mono'}, instance)),
      Object.entries(others).slice(0, 8).map(([name, text]) => h('span', {class: 'label'}, `${name}=${text.length > 80 ? `${text.slice(0, 79)}…` : text}`)));
    const unit = this.unit = unitOfQuery(alert.plot.query);
    this.plot.options.unit = unit;
    const limit = alert.plot.threshold ?? alert.plot.thresholdQuery;
    replace(this.reading, h('b', {class: 'value'}, value(Number(alert.value), unit)),
      limit !== undefined && h('span', {class: 'muted'}, ` alerts ${alert.plot.operator} ${typeof limit === 'number' ? value(limit, unit) : 'a limit'}`));
    this.runbookButton.hidden = !this.runbookPath;
    this.silenceButton.hidden = !about.allowsChanges || isSilenced;
    this.drawPlot();
  }

  /** The runbook on this daemon, or where else it is. */
  get runbookPath() {
    const url = this.alert.annotations.runbook_url ?? '';
    const place = /\/runbooks\/(\w+)$/.exec(url);
    return place ? `runbooks/${place[1]}` : /^https?:\/\//.test(url) ? url : undefined;
  }

  seen(isInSight) {
    this.isInSight = isInSight;
    if (isInSight) this.drawPlot();
  }

  async drawPlot() {
    const end = now();
    if (!this.isInSight) return;
    // As often as the plot can look different.
    if (end - this.plotTime < Math.max(15, about.pollInterval) || this.signal.aborted) return;
    this.plotTime = end;
    const {query, threshold, thresholdQuery, operator} = this.alert.plot;
    const from = end - 3600;
    try {
      const {series, step} = await overRange(query, from, end, {points: 120, signal: this.signal});
      const limits = thresholdQuery ? (await overRange(thresholdQuery, from, end, {points: 120, signal: this.signal})).series : [];
      const mine = one => Object.entries(one.metric).every(([name, text]) => name === '__name__' || this.alert.labels[name] === undefined || this.alert.labels[name] === text);
      const severity = severityOf(this.alert);
      this.plot.show({series: series.filter(mine).slice(0, 5).map(one => ({name: seriesName(one.metric), points: one.points})), from, to: end, step,
        thresholds: threshold !== undefined && threshold !== null ? [{value: threshold, name: `alerts ${operator} ${value(threshold, this.unit)}`, severity}]
          : limits.filter(mine).slice(0, 1).map(one => ({points: one.points, name: 'limit', severity}))});
    } catch (error) {
      if (error.name !== 'AbortError') this.plot.show({series: [], from, to: end, step: 15, error: error.message});
    }
  }

  async toggleRunbook() {
    const path = this.runbookPath;
    if (/^https?:/.test(path)) { open(path, '_blank', 'noopener,noreferrer'); return; }
    this.runbook.hidden = !this.runbook.hidden;
    this.runbookButton.setAttribute('aria-expanded', String(!this.runbook.hidden));
    if (this.runbook.hidden || this.runbook.childNodes.length) return;
    try {
      const response = await fetch(path);
      replace(this.runbook, response.ok ? markdown(await response.text()) : h('p', null, 'There is no runbook of that name.'));
    } catch { replace(this.runbook, h('p', null, 'Redstart does not answer.')); }
  }

  toggleForm() {
    this.form.hidden = !this.form.hidden;
    this.silenceButton.setAttribute('aria-expanded', String(!this.form.hidden));
    if (this.form.hidden) return;
    const time = h('select', {id: `${this.form.id}-time`}, [['1 hour', 3600], ['4 hours', 14400], ['1 day', 86400], ['1 week', 604800]].map(([name, seconds]) => h('option', {value: String(seconds)}, name)));
    const comment = h('input', {id: `${this.form.id}-why`, required: true, maxlength: 500, autocomplete: 'off'});
    const problem = h('p', {class: 'problem', role: 'alert'});
    replace(this.form, h('form', {class: 'silence', onsubmit: async event => {
      event.preventDefault();
      const matchers = Object.entries(this.alert.labels).map(([name, text]) => ({name, value: text, isRegex: false, isEqual: true}));
      try {
        await change('POST', 'api/redstart/v1/silences', {matchers, endsAt: new Date((now() + Number(time.value)) * 1000).toISOString(), createdBy: 'page', comment: comment.value});
        this.toggleForm();
        this.silenceButton.hidden = true;
        announce('Silenced.');
        refreshNodes();
      } catch (error) { problem.textContent = error.message; }
    }}, h('label', {for: time.id}, 'For'), time, h('label', {for: comment.id}, 'Why'), comment, h('button', {class: 'primary'}, 'Silence'), problem));
    comment.focus();
  }
}

/** Headings, paragraphs, lists and code of a runbook; what else there may be stays as it is written. */
export function markdown(text) {
  const blocks = [];
  let list, code, paragraph;
  const inline = line => line.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map(part =>
    part.startsWith('`') && part.length > 2 ? h('code', null, part.slice(1, -1)) : part.startsWith('**') && part.length > 4 ? h('strong', null, part.slice(2, -2)) : part);
  const flush = () => { if (paragraph) blocks.push(h('p', null, inline(paragraph))); paragraph = undefined; list = undefined; };
  for (const line of text.split('\n')) {
    if (line.startsWith('```')) {
      if (code) { blocks.push(h('pre', null, code.join('\n'))); code = undefined; } else { flush(); code = []; }
    } else if (code) code.push(line);
    else if (/^( {4}|\t)/.test(line) && !paragraph && !list) {
      const last = blocks.at(-1);
      if (last?.tagName === 'PRE' && last.dataset.indented) last.append(`\n${line.trim()}`);
      else blocks.push(h('pre', {'data-indented': '1'}, line.trim()));
    } else if (/^#+ /.test(line)) { flush(); blocks.push(h(line.startsWith('# ') ? 'h4' : 'h5', null, line.replace(/^#+ /, ''))); }
    else if (/^\s*([-*]|\d+\.) /.test(line)) {
      const isOrdered = /^\s*\d/.test(line);
      if (paragraph) flush();
      if (!list) { list = h(isOrdered ? 'ol' : 'ul'); blocks.push(list); }
      list.append(h('li', null, inline(line.replace(/^\s*([-*]|\d+\.) /, ''))));
    } else if (line.trim() === '') flush();
    else if (list) list.lastChild.append(' ', ...inline(line.trim()));
    else paragraph = paragraph ? `${paragraph} ${line}` : line;
  }
  if (code) blocks.push(h('pre', null, code.join('\n')));
  flush();
  return blocks;
}

/** All alerts, grouped by deployment; keeps what is open while values change. */
export class AlertList {
  constructor(signal, filter = () => true) {
    this.signal = signal;
    this.filter = filter;
    this.cards = new Map();
    this.element = h('div', {class: 'alerts'});
    const timer = setInterval(() => {
      for (const time of this.element.querySelectorAll('time[data-since]')) time.textContent = duration(Math.max(0, Math.floor(now() - Number(time.dataset.since))));
    }, 1000);
    signal.addEventListener('abort', () => clearInterval(timer));
  }

  show(document_) {
    const alerts = document_.alerts.filter(alert => !isHeartbeat(alert) && this.filter(alert)).slice(0, 100);
    const cards = new Map();
    const groups = new Map();
    for (const alert of alerts) {
      const key = keyOf(alert);
      const card = this.cards.get(key) ?? new AlertCard(alert, this.signal);
      if (this.cards.has(key)) card.update(alert);
      cards.set(key, card);
      const name = deploymentOf(alert);
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(card);
    }
    for (const [key, card] of this.cards) if (!cards.has(key)) sight.unobserve(card.element);
    this.cards = cards;
    const order = JSON.stringify([...groups].map(([name, list]) => [name, list.map(card => keyOf(card.alert))]));
    if (order === this.order) return;
    // Only a change of the list itself moves elements, so that nobody loses the focus when a value changes.
    this.order = order;
    const active = document.activeElement;
    replace(this.element, [...groups].map(([name, list]) => h('section', {class: 'alert-group'}, h('h2', null, h('span', {class: 'clip', title: name.slice(0, 400)}, name), h('span', {class: 'muted'}, ` ${list.length}`)), list.map(card => card.element))));
    if (this.element.contains(active)) active.focus({preventScroll: true});
  }
}
