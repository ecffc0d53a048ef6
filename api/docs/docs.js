// Draws /api/openapi.json. Everything is put in as text, so nothing in the document can become markup.

const METHODS = ["get", "post", "patch", "delete"];

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function nameOf(reference) {
  return reference.split("/").pop();
}

/** A type as one would say it, with links to the schemas it names. */
function spelled(schema) {
  if (schema === undefined) return ["nothing"];
  if (schema.$ref) {
    const name = nameOf(schema.$ref);
    return [element("a", { href: `#schema-${name}`, textContent: name })];
  }
  if (schema.anyOf) return schema.anyOf.flatMap((one, index) => (index ? [" or ", ...spelled(one)] : spelled(one)));
  if (schema.enum) return [schema.enum.map((value) => JSON.stringify(value)).join(" | ")];
  if (schema.const !== undefined) return [JSON.stringify(schema.const)];
  if (schema.type === "array") {
    if (schema.prefixItems) {
      return ["[", ...schema.prefixItems.flatMap((one, index) => (index ? [", ", ...spelled(one)] : spelled(one))), "]"];
    }
    return ["list of ", ...spelled(schema.items ?? {})];
  }
  return [[schema.type ?? "anything", schema.format, ...bounds(schema)].filter(Boolean).join(", ")];
}

function bounds(schema) {
  const names = { minimum: "≥", exclusiveMinimum: ">", maximum: "≤", minLength: "length ≥", maxLength: "length ≤" };
  return Object.entries(names)
    .filter(([key]) => schema[key] !== undefined)
    .map(([key, sign]) => `${sign} ${schema[key]}`);
}

/** Prose whose `words` are code. */
function prose(className, text) {
  const parts = text.split("`").map((part, index) => (index % 2 ? element("code", { textContent: part }) : part));
  return element("p", { className }, ...parts);
}

function table(rows) {
  return element("table", {}, ...rows.map((cells) =>
    element("tr", {}, ...cells.map((cell) => element("td", {}, ...cell)))));
}

function operation(path, method, described) {
  const id = described.operationId;
  const body = described.requestBody?.content["application/json"].schema;
  const rows = described.parameters.map((one) => [
    [element("code", { textContent: one.name }), ` (${one.in})`],
    spelled(one.schema),
    [one.required ? "required" : ""],
  ]);
  if (body) rows.push([["body"], spelled(body), ["required"]]);
  const answers = Object.entries(described.responses).map(([status, response]) => [
    [element("code", { textContent: status })],
    [response.description],
    response.content ? spelled(Object.values(response.content)[0].schema) : [""],
  ]);
  return element("article", { id },
    element("h3", {}, element("span", { className: "method", textContent: method.toUpperCase() }),
      element("code", { textContent: path })),
    element("p", { textContent: described.summary }),
    described.description ? prose("quiet", described.description) : null,
    rows.length ? table(rows) : null,
    element("details", {}, element("summary", { textContent: "Answers" }), table(answers)));
}

function schema(name, described) {
  const required = new Set(described.required ?? []);
  const rows = Object.entries(described.properties ?? {}).map(([property, shape]) => [
    [element("code", { textContent: property })],
    spelled(shape),
    [required.has(property) ? "always" : shape.default === undefined ? "optional" : `default ${JSON.stringify(shape.default)}`],
  ]);
  return element("article", { id: `schema-${name}` },
    element("h3", { textContent: name }),
    described.description ? prose("quiet", described.description) : null,
    rows.length ? table(rows) : element("pre", { textContent: JSON.stringify(described, null, 2) }));
}

function draw(openapi) {
  document.title = `${openapi.info.title} API`;
  const page = element("div", {}, element("h1", { textContent: document.title }),
    prose("", openapi.info.description));
  const contents = element("div", {});
  const headings = new Map();
  for (const [path, methods] of Object.entries(openapi.paths)) {
    for (const method of METHODS.filter((one) => methods[one])) {
      const described = methods[method];
      const heading = described.tags[0];
      if (!headings.has(heading)) headings.set(heading, []);
      headings.get(heading).push([path, method, described]);
    }
  }
  for (const [heading, operations] of headings) {
    page.append(element("h2", { textContent: heading }), ...operations.map((one) => operation(...one)));
    contents.append(element("b", { textContent: heading }), ...operations.map(([path, method, described]) =>
      element("a", { href: `#${described.operationId}`, textContent: `${method.toUpperCase()} ${path}` })));
  }
  const frames = openapi["x-socket"] ?? [];
  if (frames.length) {
    page.append(element("h2", { textContent: "Socket" }),
      element("p", { textContent: "Frames of /ws (session cookie) and /ws/share (the link's token in the first frame)." }),
      table(frames.map((frame) => [spelled(frame)])));
  }
  page.append(element("h2", { textContent: "Schemas" }),
    ...Object.entries(openapi.components.schemas).map(([name, described]) => schema(name, described)));
  document.getElementById("document").replaceChildren(page);
  document.getElementById("contents").replaceChildren(contents);
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

const response = await fetch("/api/openapi.json");
draw(await response.json());
