// Lines over the last minutes, by Chart.js from its WebJar, in the colours of the page.

import { element, timeOfDay } from '/dom.js';

const CHART_JS = '/webjars/chart.js/4.5.1/dist/chart.umd.min.js';

const loaded = import(CHART_JS).then(() => globalThis.Chart);

/**
 * A panel with a plot.
 *
 * @param title its heading
 * @param lines `{ label, colour, stack }`; `colour` is a variable of the style sheet
 * @param format the text of a value
 * @returns `{ element, draw(times, valuesOfEachLine) }`
 */
export function plot(title, lines, format) {
  const canvas = element('canvas', { role: 'img', 'aria-label': title });
  const values = lines.map(() => element('dd', {}, '–'));
  const figures = lines.map((line, index) =>
    element('div', { 'data-colour': line.colour }, element('dt', {}, line.label), values[index]),
  );
  const panel = element(
    'section',
    { class: 'panel plot-panel' },
    element('div', { class: 'plot-head' }, element('h2', {}, title), element('dl', { class: 'key' }, ...figures)),
    element('div', { class: 'plot-box' }, canvas),
  );
  let chart;
  loaded.then(Chart => {
    chart = new Chart(canvas, options(lines, format));
    const colours = () => colour(chart, lines, getComputedStyle(panel));
    colours();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', colours);
  });
  return {
    element: panel,
    draw(times, series) {
      series.forEach((each, index) => {
        values[index].textContent = each.length ? format(each.at(-1)) : '–';
        const data = each.map((y, at) => ({ x: times[at], y }));
        if (chart) chart.data.datasets[index].data = data;
      });
      chart?.update('none');
    },
  };
}

/** The label of a tick; none where it would repeat the one before. */
function tickLabel(format) {
  return (value, index, ticks) => {
    const label = format(value);
    return index > 0 && format(ticks[index - 1].value) === label ? null : label;
  };
}

function options(lines, format) {
  return {
    type: 'line',
    data: {
      datasets: lines.map(({ label, stack }) => ({
        label,
        data: [],
        parsing: false,
        borderWidth: 2,
        pointRadius: 0,
        spanGaps: true,
        fill: stack ? 'stack' : false,
      })),
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      normalized: true,
      interaction: { mode: 'index', axis: 'x', intersect: false },
      plugins: {
        legend: { display: false },
        tooltip: {
          callbacks: {
            title: ([item]) => timeOfDay(item.parsed.x),
            label: item => `${item.dataset.label}: ${format(item.parsed.y)}`,
          },
        },
      },
      scales: {
        x: { type: 'linear', bounds: 'data', ticks: { display: false }, grid: { display: false } },
        y: {
          beginAtZero: true,
          stacked: lines.some(line => line.stack),
          ticks: { maxTicksLimit: 4, callback: tickLabel(format) },
        },
      },
    },
  };
}

function colour(chart, lines, style) {
  const value = name => style.getPropertyValue(name).trim();
  chart.data.datasets.forEach((series, index) => {
    series.borderColor = value(`--${lines[index].colour}`);
    series.backgroundColor = value(`--${lines[index].colour}-wash`);
  });
  const { y } = chart.options.scales;
  y.grid = { color: value('--line') };
  y.border = { display: false };
  y.ticks.color = value('--muted');
  y.ticks.font = { family: style.fontFamily, size: 11 };
  chart.update('none');
}
