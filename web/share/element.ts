type Attributes = Record<string, string | boolean>;

/** Makes an element with attributes and children; text is always text, never markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.toggleAttribute(name, value !== false);
    if (typeof value === "string") {
      made.setAttribute(name, value);
    }
  }
  made.append(...children);
  return made;
}

/** Changes a text only when it differs, so that a screen reader repeats nothing and a selection survives. */
export function say(node: HTMLElement, text: string): void {
  if (node.textContent !== text) {
    node.textContent = text;
  }
  node.hidden = text === "";
}

/** The element of the page's own skeleton with this id. */
export function byId<Kind extends HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (!found) {
    throw new Error(`the page has no #${id}`);
  }
  return found as Kind;
}
