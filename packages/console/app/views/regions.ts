// Regions are paths, coarse to fine, that providers choose themselves: eu-de-fra. Names of those that are common.
const CONTINENTS: Readonly<Record<string, string>> = {
  af: "Africa",
  ap: "Asia and the Pacific",
  as: "Asia",
  au: "Australia",
  eu: "Europe",
  me: "Middle East",
  na: "North America",
  oc: "Oceania",
  sa: "South America",
  us: "United States",
};

const countries = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });
const STATES: Readonly<Record<string, string>> = {
  ca: "California",
  ny: "New York",
  or: "Oregon",
  tx: "Texas",
  va: "Virginia",
  wa: "Washington",
};
const CITIES: Readonly<Record<string, string>> = {
  ams: "Amsterdam",
  fra: "Frankfurt",
  iad: "Ashburn",
  lhr: "London",
  muc: "Munich",
  nrt: "Tokyo",
  par: "Paris",
  sfo: "San Francisco",
  sin: "Singapore",
};

/** Names of a path's parts, coarse to fine; a part that has no name here stands as it is. */
export function regionParts(region: string): string[] {
  const [continent = "", country, ...rest] = region.split("-");
  const parts = [CONTINENTS[continent] ?? continent.toUpperCase()];
  if (country !== undefined)
    parts.push((continent === "us" ? STATES[country] : nameOfCountry(country)) ?? country.toUpperCase());
  return [...parts, ...rest.map((part) => CITIES[part] ?? part.toUpperCase())];
}

/** The finest part first, as addresses are read: "Frankfurt, Germany". */
export const regionName = (region: string): string =>
  regionParts(region).slice(1).reverse().join(", ") || regionParts(region)[0]!;

function nameOfCountry(code: string): string | undefined {
  return /^[a-z]{2}$/.test(code) ? countries.of(code.toUpperCase()) : undefined;
}
