/**
 * URL of another module of this package, whether it runs from its sources (.ts) or as it was built (.js): Node strips no
 * types in packages that are installed.
 *
 * @param from `import.meta.url` of the module that asks.
 * @param path relative to it, without extension.
 */
export const moduleBeside = (from: string, path: string): URL =>
  new URL(`${path}${from.slice(from.lastIndexOf('.'))}`, from);
