// Formats records with citeproc-js: node citeproc.mjs STYLE.csl LOCALES_DIR RECORDS.json > ENTRIES.json
// Each record is formatted as the only entry of a list; the answer is a list of texts in the order of the records.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import CSL from 'citeproc';

const NAMED = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

/** What a reader sees of an entry's HTML. */
export function plain(html) {
    // Blocks stand apart, whatever surrounds them.
    const untagged = html.replace(/<\/?div(?:\s[^<>]*)?>/g, ' ').replace(/<\/?(?:span|i|b|em|strong|sup|sub|a)(?:\s[^<>]*)?>/g, '');
    const decoded = untagged.replace(/&(?:#(\d+)|#x([0-9a-fA-F]+)|(\w+));/g, (whole, decimal, hex, name) => {
        if (decimal) return String.fromCodePoint(Number(decimal));
        if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
        return NAMED[name] ?? whole;
    });
    return decoded.replace(/\s+/g, ' ').trim();
}

/** A formatter of single entries in one style. */
export function formatter(style, localesDir, records) {
    const items = new Map(records.map((record, i) => [String(i), { ...record, id: String(i) }]));
    const locales = new Map();
    const locale = (tag) => {
        if (!locales.has(tag)) {
            let text = false;
            try {
                text = readFileSync(join(localesDir, `locales-${tag}.xml`), 'utf8');
            } catch { /* citeproc-js tries another language */ }
            locales.set(tag, text);
        }
        return locales.get(tag);
    };
    const engine = new CSL.Engine({ retrieveLocale: locale, retrieveItem: (id) => structuredClone(items.get(String(id))) }, style);
    return (i) => {
        engine.updateItems([String(i)]);
        const bibliography = engine.makeBibliography();
        return bibliography ? bibliography[1].join('') : '';
    };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
    const [, , stylePath, localesDir, recordsPath] = process.argv;
    const records = JSON.parse(readFileSync(recordsPath, 'utf8'));
    const format = formatter(readFileSync(stylePath, 'utf8'), localesDir, records);
    const entries = records.map((_, i) => {
        try {
            return plain(format(i));
        } catch (error) {
            return `citeproc-js failed: ${error.message ?? error}`;
        }
    });
    process.stdout.write(JSON.stringify(entries));
}
