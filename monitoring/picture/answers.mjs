// Asks Prometheus what the panels of the dashboard ask, and refuses a dashboard that would show a panel without data.

/** What `$name` stands for in queries and titles: one value each, or all. */
function variables(dashboard, chosen) {
  return Object.fromEntries(
    dashboard.templating.list
      .filter((of) => of.type === 'query')
      .map((of) => {
        const value = chosen[of.name];
        return [of.name, { label: of.label, query: of.query, text: value ?? 'All', regex: value ? value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') : of.allValue }];
      }),
  );
}

/** Replaces variables in a text: by `regex` in a query, by `text` in a title. */
export function replaced(text, values, kind) {
  return text.replace(/\$(\w+)/g, (whole, name) => {
    if (!(name in values)) throw new Error(`nothing is known of the variable ${whole} in: ${text}`);
    return values[name][kind];
  });
}

async function ask(prometheus, path, parameters) {
  const response = await fetch(`${prometheus}/api/v1/${path}?${new URLSearchParams(parameters)}`);
  const answer = await response.json();
  if (answer.status !== 'success') throw new Error(`Prometheus refuses ${JSON.stringify(parameters)}: ${answer.error}`);
  return answer.data;
}

const isNumber = ([, value]) => value !== 'NaN';

/** The panels of the row whose title begins so, with their place below it. */
function level(dashboard, title) {
  const rows = dashboard.panels.filter((panel) => panel.type === 'row');
  const index = rows.findIndex((row) => row.title.startsWith(title));
  if (index < 0) throw new Error(`the dashboard has no row ${title}`);
  const [from, to] = [rows[index].gridPos.y, rows[index + 1]?.gridPos.y ?? Infinity];
  return { row: rows[index], panels: dashboard.panels.filter((panel) => panel.type !== 'row' && panel.gridPos.y > from && panel.gridPos.y < to) };
}

/**
 * The panels of a level with the answers to their queries.
 *
 * @param prometheus its URL
 * @param range { from, to, scrape }: seconds since 1970, and seconds between two scrapes
 * @param row how the title of the level's row begins
 * @param chosen a value for each variable that is not All
 * @throws Error that names each query without an answer
 */
export async function answers(prometheus, dashboard, range, row, chosen) {
  const values = variables(dashboard, chosen);
  for (const [name, of] of Object.entries(values)) {
    const [, metric, label] = of.query.match(/^label_values\((.+), (\w+)\)$/);
    const known = await ask(prometheus, `label/${label}/values`, { 'match[]': replaced(metric, values, 'regex'), start: range.from, end: range.to });
    if (known.length === 0 || (chosen[name] && !known.includes(chosen[name]))) {
      throw new Error(`the variable ${name} offers ${JSON.stringify(known)}, not ${of.text}`);
    }
  }
  // As Grafana has it for a data source with this scrape interval, and a short time.
  const step = range.scrape;
  values.__rate_interval = { regex: `${Math.max(2 * step, 4 * range.scrape)}s` };
  const { row: found, panels } = level(dashboard, row);
  const missing = [];
  for (const panel of panels) {
    panel.answers = [];
    for (const target of panel.targets) {
      const query = replaced(target.expr, values, 'regex');
      const { result } = await (target.instant
        ? ask(prometheus, 'query', { query, time: range.to })
        : ask(prometheus, 'query_range', { query, start: range.from, end: range.to, step }));
      if (!result.some((series) => (series.values ?? [series.value]).some(isNumber))) missing.push(`${panel.title}: ${query}`);
      panel.answers.push(result);
    }
  }
  if (missing.length > 0) throw new Error(`no data for\n${missing.map((line) => `  ${line}`).join('\n')}`);
  return { title: dashboard.title, row: replaced(found.title, values, 'text'), variables: Object.values(values).filter((of) => of.label), range: { ...range, step }, panels };
}
