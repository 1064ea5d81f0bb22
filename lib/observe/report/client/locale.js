// uPlot formats numbers in the browser's language when it loads, and throws where that is no language tag, as in a
// browser on a machine without a locale ("en-US@posix"). Numbers are then written as in English.

try {
  Intl.getCanonicalLocales(navigator.language);
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  Object.defineProperty(navigator, 'language', { value: 'en' });
}
