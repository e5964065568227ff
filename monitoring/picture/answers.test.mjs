import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { answers } from './answers.mjs';

const RANGE = { from: 1000, to: 1010, scrape: 5 };
const NOTHING = { resultType: 'matrix', result: [] };
const SERIES = { result: [{ metric: { name: 'sessions' }, values: [[1000, 'NaN'], [1005, '1']] }] };
const NO_NUMBER = { result: [{ metric: {}, values: [[1000, 'NaN']] }] };

const target = (expr, instant = false) => ({ expr, instant, refId: 'A' });
const panel = (title, y, ...targets) => ({ type: 'timeseries', title, gridPos: { y }, targets });
const dashboard = () => ({
  title: 'Caches',
  templating: {
    list: [
      { type: 'datasource', name: 'datasource' },
      { type: 'query', name: 'name', label: 'Name', query: 'label_values(up{job="a"}, name)', allValue: '.+' },
    ],
  },
  panels: [
    { type: 'row', title: 'Fleet', gridPos: { y: 0 } },
    panel('Hits', 1, target('rate(hits[$__rate_interval])')),
    { type: 'row', title: 'Resource: $name', gridPos: { y: 9 } },
    panel('Items', 10, target('items{name=~"$name"}'), target('limit{name=~"$name"}')),
  ],
});

/** Answers a query with what is said of it here. */
let said = {};
const asked = [];
const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://prometheus');
  const query = url.searchParams.get('query');
  asked.push(query);
  const data = url.pathname.includes('/label/') ? ['sessions', 'a.b'] : (said[query] ?? SERIES);
  response.end(JSON.stringify(data.error ? { status: 'error', error: data.error } : { status: 'success', data }));
});
let prometheus;
before(() => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((prometheus = `http://127.0.0.1:${server.address().port}`)))));
after(() => server.close());

test('panels of the level have their answers, and no other panel', async () => {
  said = {};
  const level = await answers(prometheus, dashboard(), RANGE, 'Resource', { name: 'a.b' });
  assert.deepEqual(level.panels.map((of) => of.title), ['Items']);
  assert.equal(level.panels[0].answers.length, 2);
  assert.equal(level.row, 'Resource: a.b');
  assert.ok(asked.includes('items{name=~"a\\.b"}'), asked.join('\n'));
});

test('all is the value that the dashboard has for it', async () => {
  said = {};
  const level = await answers(prometheus, dashboard(), RANGE, 'Resource', {});
  assert.equal(level.row, 'Resource: All');
  assert.ok(asked.includes('items{name=~".+"}'), asked.join('\n'));
});

test('a panel without data is refused, though another query of it has some', async () => {
  said = { 'limit{name=~".+"}': NOTHING };
  await assert.rejects(answers(prometheus, dashboard(), RANGE, 'Resource', {}), /no data for\n {2}Items: limit\{name=~"\.\+"\}$/);
});

test('a panel with no number is refused', async () => {
  said = { 'rate(hits[20s])': NO_NUMBER };
  await assert.rejects(answers(prometheus, dashboard(), RANGE, 'Fleet', {}), /Hits: rate\(hits\[20s\]\)/);
});

test('a query that Prometheus refuses is refused', async () => {
  said = { 'rate(hits[20s])': { error: 'parse error' } };
  await assert.rejects(answers(prometheus, dashboard(), RANGE, 'Fleet', {}), /parse error/);
});

test('a value that the variable does not offer is refused', async () => {
  await assert.rejects(answers(prometheus, dashboard(), RANGE, 'Fleet', { name: 'gone' }), /the variable name offers .*sessions.*, not gone/);
});

test('a variable that nobody knows is refused', async () => {
  const other = dashboard();
  other.panels[1].targets[0].expr = 'hits{pod="$pod"}';
  await assert.rejects(answers(prometheus, other, RANGE, 'Fleet', {}), /nothing is known of the variable \$pod/);
});

test('a level that is not there is refused', async () => {
  await assert.rejects(answers(prometheus, dashboard(), RANGE, 'Server', {}), /has no row Server/);
});
