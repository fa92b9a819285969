// What a page must hold to be used with large text, a small screen, a keyboard, a screen reader or weak eyes. Gives the
// list of what it found wrong, in words; it changes nothing that stays.
"use strict";
const found = new Set();
const TARGET_PX = 44;
const name = (e) => {
  const id = e.id ? `#${e.id}` : e.className ? `.${String(e.className).replaceAll(" ", ".")}` : "";
  return `<${e.tagName.toLowerCase()}${id}> “${(e.innerText ?? e.value ?? "").trim().slice(0, 30)}”`;
};
const style = (e) => getComputedStyle(e);
const isShown = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0;
// For screen readers alone, or beside the page until it has the focus.
const isAside = (e) => e.closest(".hidden, .skip:not(:focus)") !== null;

// Contrast, as WCAG 2.2 defines it.
const rgba = (text) => {
  const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
  return [r, g, b, a];
};
const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
const behind = (e) => {
  const layers = [];
  for (let at = e; at; at = at.parentElement) layers.push(rgba(style(at).backgroundColor));
  const canvas = matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
  return layers.reduceRight((under, layer) => over(layer, under), canvas);
};
const light = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const contrast = (one, two) => {
  const [a, b] = [light(one), light(two)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
};

const all = (css) => [...document.querySelectorAll(css)];
const html = document.documentElement;
if (!html.lang) found.add("the page names no language");
if (!["ltr", "rtl"].includes(html.dir)) found.add("the page names no direction");
if (!document.title.trim()) found.add("no title");
if (all("h1").filter(isShown).length !== 1) found.add(`${all("h1").filter(isShown).length} headings of the first level`);
if (all("main").length !== 1) found.add("not one main part");
let level = 0;
for (const heading of all("h1, h2, h3, h4").filter(isShown)) {
  const here = Number(heading.tagName[1]);
  if (here > level + 1) found.add(`a level of headings is skipped: ${name(heading)}`);
  level = here;
}
const ids = all("[id]").map((e) => e.id);
if (new Set(ids).size !== ids.length) found.add("an id is there twice");
for (const e of all("[tabindex]")) if (e.tabIndex > 0) found.add(`an order of its own: ${name(e)}`);
for (const e of all("input:not([type=hidden]), select, textarea")) {
  if (!e.labels.length && !e.ariaLabel) found.add(`no label: ${name(e)}`);
}
for (const e of all("button, a[href], summary")) if (!e.textContent.trim()) found.add(`no name: ${name(e)}`);
for (const e of all("audio, img")) if (!e.ariaLabel && !e.alt) found.add(`no name: <${e.tagName.toLowerCase()}>`);

// Nothing wider than the screen, with the text at any size (WCAG 1.4.10).
if (html.scrollWidth > innerWidth) found.add(`${html.scrollWidth - innerWidth} pixels wider than the screen`);
for (const e of all("body *").filter(isShown)) {
  if (isAside(e)) continue;
  const box = e.getBoundingClientRect();
  if (box.right > innerWidth + 1 || box.left < -1) found.add(`beyond the edge: ${name(e)}`);
  if (e.scrollWidth > e.clientWidth + 1 && style(e).display !== "inline" && !["SELECT", "INPUT"].includes(e.tagName)) {
    found.add(`its words do not fit: ${name(e)}`);
  }
}

// What is pressed is large enough; a link in the middle of a sentence is as high as its row of text (WCAG 2.5.5).
const hasWords = (e) => [...e.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
const inSentence = (e) => e.tagName === "A" && style(e).display === "inline" && hasWords(e.parentElement);
for (const e of all("a[href], button, input:not([type=hidden]), select, textarea, summary, audio").filter(isShown)) {
  if (isAside(e) || inSentence(e)) continue;
  const box = e.getBoundingClientRect();
  if (box.width < TARGET_PX || box.height < TARGET_PX) {
    found.add(`${Math.round(box.width)}×${Math.round(box.height)} pixels to press: ${name(e)}`);
  }
}
const targets = all("button, .button, input:not([type=hidden]), select, textarea").filter(isShown);
for (const [n, one] of targets.entries()) {
  for (const two of targets.slice(n + 1)) {
    if (one.contains(two) || isAside(one) || isAside(two)) continue;
    const [a, b] = [one.getBoundingClientRect(), two.getBoundingClientRect()];
    const apart = Math.max(b.top - a.bottom, a.top - b.bottom, b.left - a.right, a.left - b.right);
    if (apart < 5) found.add(`${Math.round(apart)} pixels between ${name(one)} and ${name(two)}`);
  }
}

// Words and edges stand out.
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const e = texts.currentNode.parentElement;
  if (!texts.currentNode.data.trim() || !isShown(e) || isAside(e) || e.closest("noscript, option")) continue;
  const size = parseFloat(style(e).fontSize);
  const isLarge = size >= 24 || (size >= 18.66 && Number(style(e).fontWeight) >= 700);
  const ratio = contrast(over(rgba(style(e).color), behind(e)), behind(e));
  if (ratio < (isLarge ? 3 : 4.5)) found.add(`contrast ${ratio.toFixed(1)}: ${name(e)}`);
  if (size < 16) found.add(`letters of ${size} pixels: ${name(e)}`);
}
for (const e of all("button, .button, input:not([type=hidden]), select, textarea").filter(isShown)) {
  if (isAside(e)) continue;
  const edge = contrast(over(rgba(style(e).borderTopColor), behind(e.parentElement)), behind(e.parentElement));
  if (edge < 3) found.add(`contrast of the edge ${edge.toFixed(1)}: ${name(e)}`);
}

// Whoever uses a keyboard sees where they are, forwards and backwards, and nothing lies over it (WCAG 2.4.7, 2.4.11).
const focused = document.activeElement;
const top0 = scrollY;
const stops = all("a[href], button, input:not([type=hidden]), select, textarea, summary").filter(isShown);
const header = document.querySelector("header");
for (const e of [...stops, ...stops.toReversed()]) {
  e.focus();
  const shown = style(e);
  // `auto` is the browser's own, in two colours.
  if (shown.outlineStyle !== "auto") {
    if (shown.outlineStyle === "none" || parseFloat(shown.outlineWidth) < 2) found.add(`no mark of the focus: ${name(e)}`);
    const ratio = contrast(over(rgba(shown.outlineColor), behind(e.parentElement)), behind(e.parentElement));
    if (ratio < 3) found.add(`contrast of the focus ${ratio.toFixed(1)}: ${name(e)}`);
  }
  const box = e.getBoundingClientRect();
  const lid = header && !header.contains(e) && !e.matches(".skip") && style(header).position === "sticky" ? header.getBoundingClientRect().bottom : 0;
  if (!isAside(e) && box.height < innerHeight && box.top < lid - 1) found.add(`the top lies ${Math.round(lid-box.top)} over it: ${name(e)}`);
  if (box.top > innerHeight || box.bottom < 0) found.add(`not in sight with the focus: ${name(e)}`);
}
document.activeElement.blur?.();
focused?.focus?.();
scrollTo(0, top0);
return [...found];
