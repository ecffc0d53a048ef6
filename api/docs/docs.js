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
  if (schema.type === "object" && schema.properties) {
    return ["{ ", ...Object.entries(schema.properties).flatMap(([name, shape], index) =>
      [`${index ? ", " : ""}${name}: `, ...spelled(shape)]), " }"];
  }
  return [[schema.type ?? "anything", schema.format, ...bounds(schema)].filter(Boolean).join(", ")];
}

function bounds(schema) {
  const names = { minimum: "≥", exclusiveMinimum: ">", maximum: "≤", minLength: "length ≥", maxLength: "length ≤" };
  return Object.entries(names)
    .filter(([key]) => schema[key] !== undefined)
    .map(([key, sign]) => `${sign} ${schema[key]}`);
}

/** Text whose `words` are code. */
function words(text) {
  return text.split("`").map((part, index) => (index % 2 ? element("code", { textContent: part }) : part));
}

function prose(className, text) {
  return element("p", { className }, ...words(text));
}

function table(rows) {
  return element("table", {}, ...rows.map((cells) =>
    element("tr", {}, ...cells.map((cell) => element("td", {}, ...cell)))));
}

function operation(path, method, described) {
  const id = described.operationId;
  const body = described.requestBody;
  const rows = described.parameters.map((one) => [
    [element("code", { textContent: one.name }), ` (${one.in})`],
    spelled(one.schema),
    [one.required ? "required" : "", ...words(one.description ?? "")],
  ]);
  for (const [type, content] of Object.entries(body?.content ?? {})) {
    const name = type === "application/json" ? "body" : `body, ${type}`;
    rows.push([[name], spelled(content.schema), [body.required ? "required" : "", ...words(body.description ?? "")]]);
  }
  const answers = Object.entries(described.responses).map(([status, response]) => [
    [element("code", { textContent: status })],
    words(response.description),
    Object.values(response.content ?? {}).flatMap((one, index) => [index ? " or " : "", ...spelled(one.schema)]),
  ]);
  return element("article", { id },
    element("h3", {}, element("span", { className: "method", textContent: method.toUpperCase() }),
      element("code", { textContent: path })),
    element("p", { textContent: described.summary }),
    described.description ? prose("quiet", described.description) : null,
    rows.length ? table(rows) : null,
    element("details", {}, element("summary", { textContent: "Answers" }), table(answers)));
}

function socketId(path) {
  return `socket${path.replaceAll("/", "-")}`;
}

function socket(path, described) {
  const listed = (frames) => frames.flatMap((frame, index) => (index ? [", ", ...spelled(frame)] : spelled(frame)));
  return element("article", { id: socketId(path) },
    element("h3", {}, element("span", { className: "method", textContent: "SOCKET" }),
      element("code", { textContent: path })),
    element("p", { textContent: described.summary }),
    prose("quiet", described.description),
    table([
      [["first frame, from the client"], spelled(described.firstFrame)],
      [["from the client"], listed(described.clientFrames)],
      [["from the hub"], listed(described.serverFrames)],
    ]),
    element("details", {}, element("summary", { textContent: "Close codes" }),
      table(Object.entries(described.closeCodes).map(([code, meaning]) =>
        [[element("code", { textContent: code })], [meaning]]))));
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
  const sockets = Object.entries(openapi["x-sockets"] ?? {});
  if (sockets.length) {
    page.append(element("h2", { textContent: "Sockets" }), ...sockets.map((one) => socket(...one)));
    contents.append(element("b", { textContent: "Sockets" }), ...sockets.map(([path]) =>
      element("a", { href: `#${socketId(path)}`, textContent: path })));
  }
  page.append(element("h2", { textContent: "Schemas" }),
    ...Object.entries(openapi.components.schemas).map(([name, described]) => schema(name, described)));
  document.getElementById("document").replaceChildren(page);
  document.getElementById("contents").replaceChildren(contents);
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

const response = await fetch("/api/openapi.json");
draw(await response.json());
