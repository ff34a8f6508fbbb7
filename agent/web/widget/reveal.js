// A reply that appears word by word. The whole text is in the page at once, so a screen reader reads it in one
// go and nothing moves; only the words' opacity is animated, by the style sheet, and not at all where the
// shopper prefers reduced motion.

import { h } from "./dom.js";

const LONGEST = 1100; // milliseconds until the last word
const PER_WORD = 26;

export function revealed(text, animated) {
  if (!animated) return { nodes: [text], takes: 0 };
  const words = text.split(/(?<=\s)(?=\S)/);
  const step = Math.min(PER_WORD, LONGEST / words.length);
  const nodes = words.map((word, place) => {
    const span = h("span", { className: "word" }, word);
    span.style.setProperty("--after", `${Math.round(place * step)}ms`);
    return span;
  });
  return { nodes, takes: Math.round(words.length * step) };
}
