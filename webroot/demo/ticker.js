// Ticker: 200 symbols as tiles, one of them large. Messages are noted as they come and drawn once
// a frame, so that the rate of messages is not the rate of drawing.

import { byId, element, oncePerFrame } from '/dom.js';
import { Line, address } from './page.js';
import { chart, points, sparkline } from './charts.js';

const KEPT = 300;
const SPARK = { kept: 40, width: 100, height: 20 };

const line = new Line();
const stocks = new Map();
const changed = new Set();
const draw = oncePerFrame(drawChanged);
let selected;
let large;
let total = 0;
let since = 0;

const subscription = line.subscribe('ticker:*', receive, { last: 1, conflate: 0 });

function receive({ channel, data, time }) {
  total += 1;
  since += 1;
  const symbol = channel.slice('ticker:'.length);
  const stock = stocks.get(symbol) ?? addStock(symbol);
  stock.quote = data;
  note(stock, time, data.price);
  changed.add(stock);
  draw();
}

function note(stock, time, price) {
  stock.times.push(time);
  stock.prices.push(price);
  if (stock.times.length <= KEPT) return;
  stock.times.shift();
  stock.prices.shift();
}

function addStock(symbol) {
  const price = element('span', { class: 'price' });
  const change = element('span');
  const spark = sparkline(SPARK.width, SPARK.height);
  const tile = element(
    'div',
    {
      class: 'tile',
      role: 'option',
      tabindex: -1,
      'aria-selected': 'false',
      'data-symbol': symbol,
    },
    element('b', {}, symbol),
    change,
    price,
    spark,
  );
  const stock = { symbol, tile, price, change, spark, times: [], prices: [] };
  stocks.set(symbol, stock);
  filter(stock);
  byId('tiles').insertBefore(tile, tileAfter(symbol));
  if (symbol === (address.get('symbol') ?? 'ACME') || !selected) select(stock);
  return stock;
}

function tileAfter(symbol) {
  const tiles = byId('tiles').children;
  let low = 0;
  let high = tiles.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tiles[middle].dataset.symbol < symbol) low = middle + 1;
    else high = middle;
  }
  return tiles[low] ?? null;
}

function drawChanged() {
  for (const stock of changed) drawTile(stock);
  if (changed.has(selected)) drawLarge();
  changed.clear();
}

function drawTile({ quote, price, change, spark, prices }) {
  price.textContent = quote.price.toFixed(2);
  const shown = percent(quote, 1);
  change.textContent = shown;
  change.className = direction(shown);
  spark.setAttribute('class', `spark ${direction(shown)}`);
  const recent = prices.slice(-SPARK.kept);
  spark.firstChild.setAttribute('points', points(recent, SPARK.width, SPARK.height));
}

function drawLarge() {
  const { quote, times, prices } = selected;
  if (!quote) return;
  byId('price').textContent = quote.price.toFixed(2);
  const shown = `${signed(quote.change, 2)} (${percent(quote, 2)})`;
  byId('change').textContent = shown;
  byId('change').className = direction(shown);
  for (const name of ['open', 'high', 'low']) byId(name).textContent = quote[name].toFixed(2);
  byId('volume').textContent = quote.volume.toLocaleString('en');
  large?.draw(times, prices);
}

/** The colour of a change as it is shown: what is rounded to nothing has no direction. */
function direction(shown) {
  return { '+': 'rise', '−': 'fall' }[shown[0]] ?? '';
}

function signed(number, digits) {
  const size = Math.abs(number).toFixed(digits);
  if (Number(size) === 0) return size;
  return (number < 0 ? '−' : '+') + size;
}

function percent({ change, open }, digits) {
  return `${signed((change / open) * 100, digits)}%`;
}

function select(stock) {
  selected?.tile.setAttribute('aria-selected', 'false');
  selected?.tile.setAttribute('tabindex', -1);
  selected = stock;
  stock.tile.setAttribute('aria-selected', 'true');
  stock.tile.setAttribute('tabindex', 0);
  byId('symbol').textContent = stock.symbol;
  drawLarge();
  readPast(stock);
}

/** Puts what the log still holds before what this page has seen, once for each symbol. */
async function readPast(stock) {
  if (stock.read) return;
  stock.read = true;
  const past = await line.history(`ticker:${stock.symbol}`, { limit: KEPT }).catch(() => undefined);
  if (!past) return;
  const first = stock.times[0] ?? Infinity;
  const older = past.messages.filter(message => message.time < first);
  stock.times.unshift(...older.map(message => message.time));
  stock.prices.unshift(...older.map(message => message.data.price));
  changed.add(stock);
  draw();
}

function choose(stock) {
  address.set('symbol', stock.symbol);
  select(stock);
}

/** Arrow keys go through the tiles as they stand on the page. */
function move(event) {
  const shown = Array.from(byId('tiles').children).filter(tile => !tile.hidden);
  const here = shown.indexOf(event.target.closest('.tile'));
  const columns = shown.findIndex(tile => tile.offsetTop > shown[0].offsetTop);
  const row = columns < 0 ? shown.length : columns;
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row };
  const to = { Home: 0, End: shown.length - 1 }[event.key] ?? here + steps[event.key];
  const tile = shown[to];
  if (here < 0 || !tile) return;
  event.preventDefault();
  tile.focus();
  choose(stocks.get(tile.dataset.symbol));
}

function filter({ symbol, tile }) {
  tile.hidden = !symbol.includes(byId('find').value.trim().toUpperCase());
}

function conflate() {
  const milliseconds = Number(byId('conflate').value);
  address.set('conflate', milliseconds);
  subscription.conflate(milliseconds);
}

function showConflate() {
  const milliseconds = Number(byId('conflate').value);
  byId('conflate-value').textContent = milliseconds ? `${milliseconds} ms` : 'off';
}

function everySecond() {
  byId('rate').textContent = since.toLocaleString('en');
  byId('total').textContent = total.toLocaleString('en');
  since = 0;
  const quotes = Array.from(stocks.values(), stock => stock.quote);
  byId('up').textContent = `${quotes.filter(quote => quote?.change > 0).length} up`;
  byId('down').textContent = `${quotes.filter(quote => quote?.change < 0).length} down`;
}

let settle;
byId('conflate').addEventListener('input', () => {
  showConflate();
  clearTimeout(settle);
  settle = setTimeout(conflate, 150);
});
byId('tiles').addEventListener('keydown', move);
byId('tiles').addEventListener('click', event => {
  const tile = event.target.closest('.tile');
  if (tile) choose(stocks.get(tile.dataset.symbol));
});
byId('find').addEventListener('input', () => stocks.forEach(filter));
if (address.get('conflate')) {
  byId('conflate').value = address.get('conflate');
  conflate();
}
showConflate();
setInterval(everySecond, 1000);
large = await chart(byId('chart'));
if (selected) drawLarge();
