// Charts: small lines drawn as SVG, and the large one by Chart.js from its WebJar.

import { drawing, element, timeOfDay } from '/dom.js';

const CHART_JS = '/webjars/chart.js/4.5.1/dist/chart.umd.min.js';

/** The points of a line through these values, filling a box of `width` by `height`. */
export function points(values, width, height) {
  const low = Math.min(...values);
  const range = Math.max(...values) - low || 1;
  const step = width / Math.max(values.length - 1, 1);
  const x = index => (index * step).toFixed(1);
  const y = value => (height - ((value - low) / range) * height).toFixed(1);
  return values.map((value, index) => `${x(index)},${y(value)}`).join(' ');
}

/** An empty small line; set `points` on its child to draw. */
export function sparkline(width, height) {
  const box = { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none' };
  const attributes = { class: 'spark', 'aria-hidden': 'true', ...box };
  return drawing('svg', attributes, drawing('polyline'));
}

/**
 * A large chart in `place`; its `draw(milliseconds, values)` shows them. Where the library cannot
 * be loaded it is a plain line.
 */
export async function chart(place) {
  try {
    await import(CHART_JS);
    return libraryChart(place, globalThis.Chart);
  } catch {
    return plainChart(place);
  }
}

function libraryChart(place, Chart) {
  const canvas = element('canvas');
  place.append(canvas);
  const plot = new Chart(canvas, options());
  const colours = () => colour(plot, getComputedStyle(place));
  colours();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', colours);
  return {
    draw(milliseconds, values) {
      plot.data.datasets[0].data = values.map((y, index) => ({ x: milliseconds[index], y }));
      plot.update('none');
    },
  };
}

/** The label of a tick; none where it would repeat the one before, within the same second. */
function tickLabel(value, index, ticks) {
  const label = timeOfDay(value);
  return index > 0 && timeOfDay(ticks[index - 1].value) === label ? null : label;
}

function options() {
  return {
    type: 'line',
    data: {
      datasets: [{ data: [], parsing: false, borderWidth: 2, pointRadius: 0, fill: 'start' }],
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      normalized: true,
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      plugins: {
        legend: { display: false },
        tooltip: { displayColors: false, callbacks: { title: ([item]) => timeOfDay(item.parsed.x) } },
      },
      scales: {
        x: {
          type: 'linear',
          bounds: 'data',
          ticks: { callback: tickLabel, maxTicksLimit: 4, maxRotation: 0, includeBounds: false },
        },
        y: { grace: '10%', ticks: { maxTicksLimit: 5, callback: value => value.toFixed(2) } },
      },
    },
  };
}

/** Gives the chart the page's colours, light or dark. */
function colour(plot, style) {
  const value = name => style.getPropertyValue(name).trim();
  const [series] = plot.data.datasets;
  series.borderColor = value('--main');
  series.backgroundColor = value('--main-wash');
  for (const scale of Object.values(plot.options.scales)) {
    scale.grid = { color: value('--line') };
    scale.border = { display: false };
    scale.ticks.color = value('--muted');
    scale.ticks.font = { family: style.fontFamily, size: 11 };
  }
  plot.update('none');
}

function plainChart(place) {
  const line = sparkline(400, 150);
  place.append(line);
  return {
    draw(_, values) {
      line.firstChild.setAttribute('points', points(values, 400, 150));
    },
  };
}
