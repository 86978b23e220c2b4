// The other side of the benchmarks of references: node citeproc.mjs STYLE.csl LOCALES_DIR LISTS.json > MILLISECONDS.json
// One number for each round: how long citeproc-js takes to format all lists. Reading and parsing the style are not counted.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(new URL('../../.ci/oracle/package.json', import.meta.url));
const CSL = require('citeproc');

const [, , stylePath, localesDir, inputPath] = process.argv;
const { records, lists, rounds } = JSON.parse(readFileSync(inputPath, 'utf8'));
const items = records.map((record, n) => ({ ...record, id: String(n) }));
const locale = readFileSync(join(localesDir, 'locales-en-US.xml'), 'utf8');
const engine = new CSL.Engine(
    { retrieveLocale: () => locale, retrieveItem: (id) => structuredClone(items[Number(id)]) },
    readFileSync(stylePath, 'utf8'),
);

const milliseconds = [];
for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    for (const list of lists) {
        engine.updateItems([...new Set(list)].map(String));
        const [, entries] = engine.makeBibliography();
        if (entries.length === 0) throw new Error('an empty bibliography');
    }
    milliseconds.push(performance.now() - began);
}
process.stdout.write(JSON.stringify(milliseconds));
