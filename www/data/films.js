/**
 * Reads the demo's film list: CSV with a header, fields optionally in double quotes ("" stands for a quote),
 * several genres or people in one field separated by "|".
 */

/** @typedef {import("../../src/shell/types.ts").CatalogItem} CatalogItem */

/**
 * @param {string} text
 * @returns {string[][]} one array of fields per line that is not empty
 */
function readCsv(text) {
  const rows = [];
  let row = [];
  // One match is a field and what ends it; the quoted form may hold commas and line breaks.
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  while (field.lastIndex < text.length) {
    const start = field.lastIndex;
    const match = field.exec(text);
    if (!match) throw new Error(`films: stray quote or carriage return in row ${rows.length + 1}, offset ${start}`);
    row.push(match[1] === undefined ? (match[2] ?? "") : match[1].replaceAll('""', '"'));
    if (match[3] === ",") {
      if (field.lastIndex < text.length) continue;
      row.push(""); // the text ends in a comma: one more, empty, field
    }
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  }
  return rows;
}

/** @param {string} text */
const list = (text) =>
  text
    .split("|")
    .map((part) => part.trim())
    .filter(Boolean);

/**
 * @param {string} csvText
 * @returns {CatalogItem[]} in the order of the file; fields left empty are left out
 */
export function parseFilms(csvText) {
  const [header = [], ...rows] = readCsv(csvText.replace(/^\uFEFF/, "").normalize("NFC"));
  for (const needed of ["id", "title"]) {
    if (!header.includes(needed)) throw new Error(`films: no column "${needed}" in the header`);
  }
  return rows.map((row, index) => {
    const where = `films: row ${index + 2}`;
    if (row.length !== header.length) throw new Error(`${where}: ${row.length} fields instead of ${header.length}`);
    /** @param {string} name */
    const text = (name) => row[header.indexOf(name)]?.trim() ?? "";
    /** @param {string} name */
    const number = (name) => {
      const value = Number(text(name));
      if (!Number.isFinite(value)) throw new Error(`${where}: ${name} is not a number: ${text(name)}`);
      return value;
    };
    /** @type {CatalogItem} */
    const film = { id: text("id"), title: text("title") };
    if (!film.id || !film.title) throw new Error(`${where}: id or title is empty`);
    if (text("type")) film.type = text("type");
    if (text("year")) film.year = number("year");
    if (text("duration")) film.duration = number("duration");
    if (text("genres")) film.genres = list(text("genres"));
    if (text("people")) film.people = list(text("people"));
    return film;
  });
}
