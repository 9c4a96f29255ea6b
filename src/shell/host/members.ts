/** Members of ensembles that are named by versions: what those were trained with takes their place. */
import { TasteprintError } from "../errors.ts";
import { known, refuse } from "../options.ts";
import type { House } from "./rooms.ts";

/** A configuration as it came: what is wrong with its form is the engine's to say. */
type Config = { model?: unknown; params?: unknown };

function member(house: House, given: unknown, place: string): unknown {
  if (typeof given !== "object" || given === null || !("version" in given)) return given;
  known(given, ["version"], place);
  const at = `${place}.version`;
  const { version: id } = given;
  if (typeof id !== "string") throw refuse(at, "the id of a trained version", id);
  const { versions } = house.registry;
  const found = versions.find((v) => v.id === id);
  if (!found)
    throw TasteprintError.of("unknown-version", "there is no such version", {
      place: at,
      expected: versions.map((v) => v.id).join(", ") || "none is listed",
      got: id,
      hint: "models.list() shows the versions there are.",
    });
  const { model, params } = found;
  if (model === "ensemble")
    throw refuse(at, "a version of a model that is not an ensemble itself", id, "Name its members instead.");
  return { model, params };
}

/** The same configuration, without a word of versions: it means the same when they are gone. */
export function withMembers<C extends Config>(house: House, config: C, place = "params"): C {
  const { members } = (config.params ?? {}) as { members?: unknown };
  if (config.model !== "ensemble" || !Array.isArray(members)) return config;
  const resolved = members.map((one, i) => member(house, one, `${place}.members[${i}]`));
  return { ...config, params: { ...(config.params as object), members: resolved } };
}
