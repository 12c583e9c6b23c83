// A client as a user of the API writes one: the types come from openapi-typescript, the rest is fetch.
import type { components, operations, paths } from "./schema";

type Lead = components["schemas"]["Lead"];
type Problem = components["schemas"]["Problem"];
type Query = NonNullable<operations["list-leads"]["parameters"]["query"]>;
type Captured = paths["/leads"]["post"]["responses"]["201"]["content"]["application/json"];
type LeadPage = paths["/leads"]["get"]["responses"]["200"]["content"]["application/json"];

declare const process: { argv: string[] };
const [base, key] = process.argv.slice(2) as [string, string];

class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title);
  }
}

async function ask<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<{ value: T; etag: string }> {
  const response = await fetch(base + path, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Refused((await response.json()) as Problem);
  return { value: (await response.json()) as T, etag: response.headers.get("etag") ?? "" };
}

function must(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

// Take a lead in.
const draft: components["schemas"]["LeadDraft"] = { name: "Szabó Éva", emails: ["eva@example.hu"], expected_value: "1200000.50", currency: "HUF" };
const made = await ask<Captured>("POST", "/leads", draft, { "idempotency-key": "ts-1" });
const again = await ask<Captured>("POST", "/leads", draft, { "idempotency-key": "ts-1" });
must(made.value.lead_id === again.value.lead_id, "the repeated request made another lead");
must(made.value.outcome === "created", `outcome ${made.value.outcome}`);

// List leads, page by page.
const query: Query = { status: ["new"], limit: 1, sort: "arrival" };
const names: string[] = [];
let path: string | undefined = `/leads?status=${query.status!.join(",")}&limit=${query.limit}&sort=${query.sort}`;
while (path) {
  const page: LeadPage = (await ask<LeadPage>("GET", path)).value;
  names.push(...page.items.map((l: Lead) => l.name));
  path = page.after && `/leads?status=new&limit=1&after=${page.after}`;
}
must(names.includes("Szabó Éva"), `the list has ${names}`);

// Two people change the same lead.
const lead = `/leads/${made.value.lead_id}`;
const { etag } = await ask<Lead>("GET", lead);
const changed = await ask<Lead>("PATCH", lead, { interest: "40 lámpatest" } satisfies components["schemas"]["LeadPatch"], { "if-match": etag });
must(changed.value.version === 2 && changed.etag === '"2"', `version ${changed.value.version}`);
try {
  await ask<Lead>("PATCH", lead, { interest: "50 lámpatest" }, { "if-match": etag });
  must(false, "the late change was taken");
} catch (e) {
  must(e instanceof Refused, String(e));
  must(e.problem.status === 412 && e.problem.code === "precondition.failed", e.problem.code);
  must(e.problem.faults?.[0]?.path === "interest", "the problem does not name the field");
}
console.log("client ok");
