/** What `build-sample.mjs` writes into `generated/`, so that types can be checked before it has run. */
declare module "*/generated/sample-films.js" {
  const films: import("tasteprint").CatalogItem[];
  export default films;
}

declare module "*/generated/sample-pack.js" {
  /** The pack's bytes in base64. */
  const pack: string;
  export default pack;
}
