// What all pages build themselves from: elements, text, requests. Nothing here touches the page.

const SVG = 'http://www.w3.org/2000/svg';

/** Makes an element. Strings among the children become text, never markup. */
export function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** Makes an SVG element. */
export function drawing(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, '');
    else if (value !== false && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** The element with this id. */
export function byId(id) {
  return document.getElementById(id);
}

/** The time of day of a moment in milliseconds, as `04:13:45`. */
export function timeOfDay(milliseconds) {
  return new Date(milliseconds).toLocaleTimeString('en-GB');
}

/** A value as text: text as it is, anything else as JSON. */
export function textOf(value) {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The reason why a request was refused, from its problem+json body where it has one. */
export async function refusal(response) {
  const problem = await response.json().catch(() => ({}));
  const reason = problem.detail ?? problem.message ?? problem.title ?? problem.code;
  return `Refused with ${response.status}${reason ? `: ${reason}` : ''}.`;
}

/** Puts a row at the head of a list and keeps the list to `most` rows. */
export function prepend(list, row, most = 200) {
  list.prepend(row);
  while (list.children.length > most) list.lastElementChild.remove();
}

/** Calls `work` once, in the next frame, however often it is asked for before that. */
export function oncePerFrame(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      work();
    });
  };
}
