/** What the data sets say of their items: title, genres, year. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Lines of a file; none where it is not there: ratings alone can be measured, too. */
function lines(folder, name, file, encoding = "utf8") {
  const path = join(folder, name, file);
  return existsSync(path) ? readFileSync(path, encoding).split(/\r?\n/).filter(Boolean) : [];
}

/** "Heat (1995)" has its year at the end; series may have a span, "(1994–2004)", of which the first counts. */
const yearOf = (title) => Number(/\((\d{4})[^()]*\)\s*$/.exec(title)?.[1]) || undefined;

const listed = (genres) => genres.split("|").filter((genre) => genre !== "" && genre !== "(no genres listed)");

/** u.item: id, title, date of release, date on video, address, then a flag for each line of u.genre. */
function flagged(folder, name) {
  const genres = lines(folder, name, "u.genre").map((line) => line.split("|")[0]);
  return lines(folder, name, "u.item", "latin1").map((line) => {
    const [id, title, released, , , ...flags] = line.split("|");
    const year = Number(/\d{4}$/.exec(released)?.[0]) || yearOf(title);
    return { id, title, year, genres: genres.filter((genre, at) => flags[at] === "1" && genre !== "unknown") };
  });
}

/** movies.dat: id::title::genres. */
function coloned(folder, name) {
  return lines(folder, name, "movies.dat", "latin1").map((line) => {
    const [id, title, genres] = line.split("::");
    return { id, title, year: yearOf(title), genres: listed(genres) };
  });
}

/** movies.csv: only titles have quotes and commas. */
function quoted(folder, name) {
  const [, ...rows] = lines(folder, name, "movies.csv");
  return rows.map((line) => {
    const [first, last] = [line.indexOf(","), line.lastIndexOf(",")];
    const text = line.slice(first + 1, last);
    const title = text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
    return { id: line.slice(0, first), title, year: yearOf(title), genres: listed(line.slice(last + 1)) };
  });
}

const readers = { "ml-100k": flagged, "ml-1m": coloned, "ml-latest-small": quoted };

/** An item for each id, in their order: ranking is over the items that somebody has rated, not over all that exist. */
export function readCatalog(folder, name, ids) {
  const known = new Map((readers[name]?.(folder, name) ?? []).map((item) => [item.id, item]));
  return ids.map((id) => {
    const { title = id, year, genres = [] } = known.get(id) ?? {};
    return { id, title, genres, ...(year !== undefined && { year }) };
  });
}
