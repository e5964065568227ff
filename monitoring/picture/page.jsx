// Draws the panels of a level with Grafana's components, as their options in the dashboard say.
import { applyFieldOverrides, cacheFieldDisplayNames, createTheme, dateTime, EventBusSrv, FieldType, getFieldDisplayValues, Registry, standardTransformers, standardTransformersRegistry, ThemeContext, transformDataFrame } from '@grafana/data';
import { BigValue, BigValueColorMode, BigValueGraphMode, BigValueJustifyMode, BigValueTextMode, GlobalStyles, PanelChrome, PanelContextProvider, TimeSeries } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { lastValueFrom } from 'rxjs';
import { createRoot } from 'react-dom/client';
import { useEffect } from 'react';
import '@grafana/react-data-grid/lib/styles.css';
import 'uplot/dist/uPlot.min.css';

const theme = createTheme({ colors: { mode: 'dark' } });
// Grafana's grid, in pixels.
const [CELL, MARGIN, COLUMNS] = [30, 8, 24];

// What Grafana's panels take where the dashboard says nothing.
const DEFAULTS = {
  timeseries: {
    color: { mode: 'palette-classic' },
    custom: {
      drawStyle: 'line', lineInterpolation: 'linear', lineWidth: 1, fillOpacity: 0, gradientMode: 'none', spanNulls: false, showPoints: 'auto', pointSize: 5,
      axisPlacement: 'auto', axisColorMode: 'text', axisBorderShow: false, scaleDistribution: { type: 'linear' }, stacking: { mode: 'none', group: 'A' },
      hideFrom: { legend: false, tooltip: false, viz: false }, thresholdsStyle: { mode: 'off' }, barAlignment: 0,
    },
  },
  stat: { color: { mode: 'thresholds' }, custom: {} },
  table: { color: { mode: 'thresholds' }, custom: { align: 'auto', cellOptions: { type: 'auto' }, inspect: false } },
};

standardTransformersRegistry.setInit(() =>
  // Some have two names.
  [...new Map(Object.values(standardTransformers).map((of) => [of.id, of])).values()].map((transformation) => ({ id: transformation.id, name: transformation.name, transformation: () => Promise.resolve(transformation) })),
);

const legend = (format, labels) => (format ? format.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, label) => labels[label] ?? '') : '');

/** Frames of an answer to a range query: one for each series. */
function series(target, result, range) {
  return result.map(({ metric, values }) => ({
    refId: target.refId,
    length: values.length,
    fields: [
      { name: 'Time', type: FieldType.time, config: { interval: range.step * 1000 }, values: values.map(([time]) => time * 1000) },
      { name: 'Value', type: FieldType.number, labels: metric, config: { displayNameFromDS: legend(target.legendFormat, metric) }, values: values.map(([, value]) => Number(value)) },
    ],
  }));
}

/** The frame of an answer to an instant query: a column for each label. */
function columns(target, result) {
  const labels = [...new Set(result.flatMap(({ metric }) => Object.keys(metric)))].sort();
  const column = (name, type, of) => ({ name, type, config: {}, values: result.map(of) });
  return [
    {
      refId: target.refId,
      length: result.length,
      fields: [
        column('Time', FieldType.time, ({ value }) => value[0] * 1000),
        ...labels.map((label) => column(label, FieldType.string, ({ metric }) => metric[label] ?? '')),
        column('Value', FieldType.number, ({ value }) => Number(value[1])),
      ],
    },
  ];
}

/** Properties as fieldConfig names them, each taken as it is. */
function registry(config) {
  const ids = new Set(config.overrides.flatMap((override) => override.properties.map((property) => property.id)));
  const defaults = config.defaults;
  Object.keys(defaults).filter((key) => key !== 'custom').forEach((key) => ids.add(key));
  Object.keys(defaults.custom).forEach((key) => ids.add(`custom.${key}`));
  return new Registry(() =>
    [...ids].map((id) => ({ id, name: id, path: id.replace(/^custom\./, ''), isCustom: id.startsWith('custom.'), process: (value) => value, shouldApply: () => true })),
  );
}

async function frames(panel, range) {
  let data = panel.targets.flatMap((target, i) => (target.instant ? columns(target, panel.answers[i]) : series(target, panel.answers[i], range)));
  if (panel.transformations) data = await lastValueFrom(transformDataFrame(panel.transformations, data, { interpolate: (text) => text }));
  const own = DEFAULTS[panel.type];
  if (!own) throw new Error(`nothing draws a panel of the type ${panel.type}: ${panel.title}`);
  const { defaults, overrides } = panel.fieldConfig;
  const fieldConfig = { defaults: { ...own, ...defaults, custom: { ...own.custom, ...defaults.custom } }, overrides };
  data = applyFieldOverrides({ data, fieldConfig, fieldConfigRegistry: registry(fieldConfig), replaceVariables: (text) => text, theme, timeZone: 'utc' });
  cacheFieldDisplayNames(data);
  return { fieldConfig, data };
}

function Content({ panel, frames: { data, fieldConfig }, range, width, height }) {
  const timeRange = { from: dateTime(range.from * 1000), to: dateTime(range.to * 1000) };
  timeRange.raw = timeRange;
  switch (panel.type) {
    case 'timeseries':
      return <TimeSeries frames={data} timeRange={timeRange} timeZone="utc" width={width} height={height} legend={panel.options.legend} structureRev={1} />;
    case 'table':
      return <TableNG data={data[0]} width={width} height={height} fieldConfig={fieldConfig} cellHeight={panel.options.cellHeight} noHeader={!panel.options.showHeader} sortBy={panel.options.sortBy} enableVirtualization={false} transparent={false} structureRev={1} timeRange={timeRange} />;
    case 'stat': {
      const [value] = getFieldDisplayValues({ fieldConfig, reduceOptions: { ...panel.options.reduceOptions, values: false }, replaceVariables: (text) => text, data, theme, sparkline: panel.options.graphMode !== 'none', timeZone: 'utc' });
      return (
        <BigValue
          value={{ ...value.display, title: '' }}
          sparkline={value.sparkline}
          theme={theme}
          width={width}
          height={height}
          colorMode={BigValueColorMode[panel.options.colorMode === 'value' ? 'Value' : 'Background']}
          graphMode={panel.options.graphMode === 'none' ? BigValueGraphMode.None : BigValueGraphMode.Area}
          justifyMode={BigValueJustifyMode.Auto}
          textMode={BigValueTextMode.Value}
          wideLayout
        />
      );
    }
  }
}

function Level({ level, drawn, width, done }) {
  // Effects of a parent come after those of its children, and the plots draw in theirs.
  useEffect(() => done(), [done]);
  const top = Math.min(...level.panels.map((panel) => panel.gridPos.y));
  const column = (width - MARGIN) / COLUMNS;
  const bottom = Math.max(...level.panels.map((panel) => panel.gridPos.y + panel.gridPos.h)) - top;
  return (
    <div style={{ width, padding: MARGIN, background: theme.colors.background.canvas }}>
      <div style={{ display: 'flex', gap: 8, alignItems: 'center', height: 40, marginBottom: 8 }}>
        <span style={{ ...theme.typography.h4, marginRight: 16 }}>{level.title}</span>
        {level.variables.map((of) => (
          <span key={of.label} style={{ display: 'flex', border: `1px solid ${theme.components.input.borderColor}`, borderRadius: theme.shape.radius.default, lineHeight: '30px' }}>
            <span style={{ padding: '0 8px', background: theme.colors.background.secondary, fontWeight: 500, fontSize: 12 }}>{of.label}</span>
            <span style={{ padding: '0 12px', background: theme.components.input.background }}>{of.text}</span>
          </span>
        ))}
      </div>
      <div style={{ ...theme.typography.h6, height: 30 }}>{level.row}</div>
      <div style={{ position: 'relative', height: bottom * (CELL + MARGIN) - MARGIN }}>
        {level.panels.map((panel, i) => {
          const { x, y, w, h } = panel.gridPos;
          const size = { width: w * column - MARGIN, height: h * (CELL + MARGIN) - MARGIN };
          return (
            <div key={panel.id} style={{ position: 'absolute', left: x * column, top: (y - top) * (CELL + MARGIN), ...size }}>
              <PanelChrome title={panel.title} padding={panel.type === 'table' ? 'none' : 'md'} {...size}>
                {(innerWidth, innerHeight) => <Content panel={panel} frames={drawn[i]} range={level.range} width={innerWidth} height={innerHeight} />}
              </PanelChrome>
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Draws it, and ends when all is drawn. */
window.draw = async (level, width) => {
  const drawn = await Promise.all(level.panels.map((panel) => frames(panel, level.range)));
  const context = { eventBus: new EventBusSrv(), eventsScope: '__global_', sync: () => 0 };
  await new Promise((resolve) =>
    createRoot(document.getElementById('page')).render(
      <ThemeContext.Provider value={theme}>
        <GlobalStyles />
        <PanelContextProvider value={context}>
          <Level level={level} drawn={drawn} width={width} done={resolve} />
        </PanelContextProvider>
      </ThemeContext.Provider>,
    ),
  );
  await document.fonts.ready;
};
