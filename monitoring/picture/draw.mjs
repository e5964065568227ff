// Draws each level of the dashboard into a picture.
//
// usage: draw.mjs DASHBOARD PROMETHEUS FROM TO CHROMIUM FOLDER
//   DASHBOARD   the JSON that the chart ships
//   PROMETHEUS  URL of one that has the recording; FROM and TO are its seconds since 1970
//   FOLDER      where dashboard-LEVEL.png go
import { readFile } from 'node:fs/promises';
import { build } from 'esbuild';
import puppeteer from 'puppeteer-core';
import { answers } from './answers.mjs';

const LEVELS = {
  fleet: { row: 'Fleet', chosen: {} },
  resource: { row: 'Resource', chosen: { namespace: 'shop' } },
  server: { row: 'Server', chosen: { namespace: 'shop', name: 'catalog' } },
};
const WIDTH = 1280;
const ADDRESS = 'http://picture.invalid/';
const HTML = '<!doctype html><div id="page"></div>';

const [file, prometheus, from, to, executablePath, folder] = process.argv.slice(2);
// From five minutes sharp, so that each axis of time has two labels.
const range = { from: from - (from % 300), to: Number(to), scrape: 10 };
const here = (name) => new URL(name, import.meta.url).pathname;

const { outputFiles } = await build({
  entryPoints: [here('page.jsx')],
  bundle: true,
  write: false,
  outdir: 'out',
  format: 'iife',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"', global: 'window' },
  loader: { '.svg': 'dataurl', '.woff2': 'dataurl', '.ttf': 'dataurl' },
  logLevel: 'error',
});
const built = (ending) => outputFiles.find((output) => output.path.endsWith(ending)).text;

const browser = await puppeteer.launch({ executablePath, headless: 'shell', args: ['--no-sandbox', '--force-color-profile=srgb'] });
try {
  for (const [name, { row, chosen }] of Object.entries(LEVELS)) {
    const level = await answers(prometheus, JSON.parse(await readFile(file, 'utf8')), range, row, chosen);
    const page = await browser.newPage();
    const errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.setViewport({ width: WIDTH, height: 800 });
    // Nothing is asked of the network; a page without an address has no storage, and the components want one.
    await page.setRequestInterception(true);
    page.on('request', (request) => (request.url() === ADDRESS ? request.respond({ contentType: 'text/html', body: HTML }) : request.abort()));
    await page.goto(ADDRESS);
    await page.addStyleTag({ content: built('.css') });
    await page.addScriptTag({ content: built('.js') });
    if (errors.length > 0) throw new Error(`the page does not start: ${errors.join('; ')}`);
    await page.evaluate((of, width) => window.draw(of, width), level, WIDTH);
    await (await page.$('#page')).screenshot({ path: `${folder}/dashboard-${name}.png` });
    if (errors.length > 0) throw new Error(`${name} was not drawn: ${errors.join('; ')}`);
    await page.close();
    console.log(`${name}: ${level.panels.length} panels`);
  }
} finally {
  await browser.close();
}
