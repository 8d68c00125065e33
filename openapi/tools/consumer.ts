// What a single-page application does with the types and the SDK. It is compiled, never run: a field that should be
// optional, nullable or closed, and is not, fails here.
import type { components, paths } from "./generated/openapi-typescript";
import {
  type AccountRead,
  createAccount,
  createToken,
  listAccounts,
  type Problem,
  updateAccount,
} from "./generated/hey-api";

type Schemas = components["schemas"];
type Json<T> = T extends { content: { "application/json": infer Body } } ? Body : never;
type Listing = paths["/v1/accounts"]["get"];
type Query = NonNullable<Listing["parameters"]["query"]>;
type Page = Json<Listing["responses"][200]>;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

function holds<_Condition extends true>(): void {}

// --- openapi-typescript: types only -------------------------------------------------------------------------

export const allFilters: Query = {
  phase: ["adoption", "renewal"],
  sort: "-health_score",
  health_max: 40,
  renewal_before: "2026-12-31",
  custom: { tier: "gold" },
  expand: ["owner", "external_refs"],
  fields: ["id", "name", "mrr"],
  include: "total_count",
  q: "物流",
};
export const noFilter: Query = {};
// @ts-expect-error a filter that does not exist
export const misspelt: Query = { phases: ["adoption"] };
// @ts-expect-error a sort key that does not exist
export const unknownSort: Query = { sort: "-owner" };
// @ts-expect-error an expansion that does not exist
export const unknownExpansion: Query = { expand: ["orders"] };
// @ts-expect-error null is no query parameter
export const nullFilter: Query = { q: null };

export const smallest: Schemas["AccountCreate"] = { name: "株式会社さくら物流" };
export const cleared: Schemas["AccountUpdate"] = { industry: null, custom: { tier: null, seats: 12, vip: true } };
// @ts-expect-error the name is required
export const nameless: Schemas["AccountCreate"] = { external_id: "crm-1042" };
// @ts-expect-error the name cannot be cleared
export const cannotClear: Schemas["AccountUpdate"] = { name: null };
// @ts-expect-error derived figures cannot be written
export const derived: Schemas["AccountUpdate"] = { mrr: { amount: 1, currency: "JPY" } };
export const smallestKey: Schemas["ApiKeyRotation"] = {};
export const smallestPolicy: Schemas["PolicyCreate"] = {
  name: "規模で割り当て",
  kind: "size",
  rules: [{ user_ids: ["01966f30-aa10-7d43-b1c8-7b0a3f5de611"], size_band: "smb" }],
};

export function row(account: Schemas["AccountRead"]): string {
  holds<Equal<typeof account.industry, string | null>>();
  holds<Equal<typeof account.archived_at, string | null>>();
  holds<Equal<typeof account.version, number>>();
  holds<Equal<typeof account.tags, string[]>>();
  // Nullable and always there; nested objects only when asked for.
  const money = account.mrr === null ? "–" : `${account.mrr.amount} ${account.mrr.currency}`;
  const owner = account.owner?.name ?? "–";
  // @ts-expect-error it may be null
  account.mrr.amount;
  // @ts-expect-error it is there only when expanded
  account.team.length;
  return [account.name, account.phase, money, owner].join(" ");
}

export function nextPage(page: Page): Query | null {
  holds<Equal<typeof page.page.total_count, number | undefined>>();
  return page.page.next_cursor === null ? null : { cursor: page.page.next_cursor };
}

export function phaseLabel(phase: Schemas["Phase"]): string {
  switch (phase) {
    case "onboarding":
      return "導入";
    case "adoption":
      return "活用";
    case "renewal":
      return "更新";
    case "churned":
      return "解約";
  }
}

type Refusal = paths["/v1/accounts"]["post"]["responses"][422]["content"]["application/problem+json"];

/** The message for each field of a form. */
export function formErrors(problem: Refusal): Map<string, string> {
  return new Map((problem.errors ?? []).map((error) => [error.pointer, error.detail]));
}

export function bands(settings: Schemas["AccountSettingsRead"]): string[] {
  return settings.size_bands.map((band) => band.name);
}

export function failedItems(result: Schemas["BulkResult"]): string[] {
  return result.items.flatMap((item) => (item.problem ? [item.problem.detail] : []));
}

export const version: paths["/v1/accounts/{account_id}"]["patch"]["parameters"]["header"] = { "If-Match": '"3"' };
// @ts-expect-error a change names the version that it changes
export const withoutVersion: paths["/v1/accounts/{account_id}"]["patch"]["parameters"]["header"] = {};

// --- hey-api: the generated SDK -----------------------------------------------------------------------------

export async function signIn(username: string, password: string): Promise<string> {
  const { data, error } = await createToken({ body: { grant_type: "password", username, password } });
  if (data === undefined) throw new Error(error.detail);
  return data.access_token;
}

export async function atRisk(): Promise<AccountRead[]> {
  const found: AccountRead[] = [];
  let cursor: string | undefined;
  do {
    const { data, error } = await listAccounts({
      query: { health_max: 40, custom: { tier: "gold" }, expand: ["owner"], sort: "renewal_on", cursor },
    });
    if (data === undefined) throw new Error(message(error));
    found.push(...data.data);
    cursor = data.page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

export async function rename(account: AccountRead, name: string): Promise<AccountRead | Problem> {
  const { data, error } = await updateAccount({
    path: { account_id: account.id },
    headers: { "If-Match": String(account.version) },
    body: { name },
  });
  return data ?? error;
}

export async function addOnce(name: string, key: string): Promise<AccountRead | undefined> {
  const { data } = await createAccount({ body: { name }, headers: { "Idempotency-Key": key } });
  return data;
}

function message(problem: Problem): string {
  return `${problem.title}: ${problem.detail} (${problem.request_id ?? "–"})`;
}
